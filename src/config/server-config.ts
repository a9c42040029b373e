import Type, { type Static } from 'typebox'
import { defaultAveragingSeconds } from '../oximetry/oximetry-chain.js'

/**
 * The configuration of `vitalwire serve`: every option with its unit, bounds and default, in one place. Unknown keys are
 * mistakes. Secrets are never in the file: options that end in `Env` name the environment variable that holds them.
 */
const closed = { additionalProperties: false } as const

const file = (description: string) => Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null, description })
const environment = (description: string) =>
  Type.Union([Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.Null()], {
    default: null,
    description: `${description}: name of an environment variable, or null`,
  })
const text = (description: string) => Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null, description })
const host = (description: string) => Type.String({ minLength: 1, default: '127.0.0.1', description })
const port = (description: string) =>
  Type.Union([Type.Integer({ minimum: 1, maximum: 65535 }), Type.Null()], { default: null, description })

const bound = (what: string, days: number) =>
  Type.Object(
    {
      days: Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()], {
        default: days,
        description: `days that the ${what} is kept; null: for ever`,
      }),
      gigabytes: Type.Union([Type.Number({ minimum: 0.1, maximum: 1_000_000 }), Type.Null()], {
        default: null,
        description: `size that the ${what} is kept below, 10^9 bytes; null: any`,
      }),
    },
    closed,
  )

export const serverConfigSchema = Type.Object(
  {
    dataDir: file('data folder; null: vitalwire in XDG_DATA_HOME, or in ~/.local/share'),
    workers: Type.Union([Type.Integer({ minimum: 1, maximum: 64 }), Type.Null()], {
      default: null,
      description: 'worker threads; null: one for each processor, at most 4',
    }),
    assign: Type.Union([Type.Literal('auto'), Type.Literal('manual')], {
      default: 'manual',
      description: 'auto: every device gets a pseudonymous patient of its own',
    }),
    limitsFile: file('limits for all patients, see --limits'),
    attributesFile: file('attributes of patients, see --attributes'),
    calibrationsFile: file('calibration curves of oximeters, see --calibrations'),
    averagingSeconds: Type.Union([Type.Literal(4), Type.Literal(8), Type.Literal(16)], {
      default: defaultAveragingSeconds,
      description: 'seconds that SpO2 from red and infrared light is averaged over',
    }),
    snapshotIntervalSeconds: Type.Integer({
      minimum: 5,
      maximum: 3600,
      default: 60,
      description: 'seconds between snapshots of a partition; recovery reads the journal from the last one',
    }),
    journal: Type.Object(
      {
        level: Type.Union([Type.Literal('process'), Type.Literal('power')], {
          default: 'process',
          description: 'what an acknowledged message survives: every end of the engine, or also a loss of power (docs/operations.md)',
        }),
      },
      closed,
    ),
    retention: Type.Object({ journal: bound('journal (raw signals)', 30), events: bound('event log', 400) }, closed),
    broker: Type.Object(
      {
        url: text('mqtt://HOST:PORT or mqtts://HOST:PORT of an outside broker; null: the embedded broker'),
        host: host('address that the embedded broker listens on'),
        port: port('port of the embedded broker; null: 1883 or the next free one'),
        user: text('MQTT user name'),
        passwordEnv: environment('MQTT password'),
        tls: Type.Object(
          {
            caFile: file('PEM certificates that an outside broker is checked against; null: those of the system'),
            certFile: file('PEM certificate of this end'),
            keyFile: file('PEM key of certFile'),
          },
          closed,
        ),
      },
      closed,
    ),
    http: Type.Object(
      {
        host: host('address of HTTP, live feed and page'),
        port: port('port of HTTP; null: 8080 or the next free one'),
        tokenEnv: environment('bearer token of the API and the page'),
        tls: Type.Object({ certFile: file('PEM certificate'), keyFile: file('PEM key of certFile') }, closed),
      },
      closed,
    ),
    store: Type.Object(
      {
        kind: Type.Union([Type.Literal('embedded'), Type.Literal('influx-v1'), Type.Literal('influx-v2')], {
          default: 'embedded',
          description: 'where vital signs, scores and alerts are kept: in the data folder, or in InfluxDB 1.x or 2.x',
        }),
        url: text('http:// or https:// address of InfluxDB'),
        database: text('influx-v1: database'),
        user: text('influx-v1: user name'),
        passwordEnv: environment('influx-v1: password'),
        org: text('influx-v2: organisation'),
        bucket: text('influx-v2: bucket'),
        tokenEnv: environment('influx-v2: token'),
      },
      closed,
    ),
  },
  closed,
)

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

export type ServerConfig = DeepReadonly<Static<typeof serverConfigSchema>>

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../src/config/check-config.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { vitalNames } from '../../src/signal/catalogue.js'
import { eventPoints } from '../../src/store/influx-points.js'
import { repository } from '../support/running-server.js'

interface ComposeService {
  readonly image?: string
  readonly build?: { readonly target: string }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
}
interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const read = (file: string) => readFileSync(path.join(repository, file), 'utf8')
const compose = parse(read('docker-compose.yml')) as ComposeFile
const dockerfile = read('Dockerfile')

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose specification', () => {
    const { $schema: _, ...schema } = JSON.parse(read('test/compose/compose-spec.schema.json')) as Record<string, unknown>
    // The schema's nested `id`s are of an older draft; they are names here, not addresses.
    const text = JSON.stringify(schema).replaceAll(/"id":"[^"]*",?/g, '')
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
    const validate = ajv.compile(JSON.parse(text) as object)
    expect(validate(compose), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ services: { engine: { imagee: 'x' } } })).toBe(false)
  })

  it('mounts only volumes that it declares and files that are there', () => {
    for (const [name, { volumes = [] }] of Object.entries(compose.services))
      for (const mount of volumes) {
        const source = mount.split(':')[0]!
        if (source.startsWith('./'))
          expect(() => read(path.join(source, source.includes('.') ? '' : '.')), `${name}: ${source}`).not.toThrow(/ENOENT/)
        else expect(Object.keys(compose.volumes), `${name}: ${source}`).toContain(source)
      }
  })

  it('builds stages that the Dockerfile has, and takes every other image at a fixed version', () => {
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage)
    for (const service of Object.values(compose.services)) {
      if (service.build) expect(stages).toContain(service.build.target)
      else expect(service.image).toMatch(/:\d+\.\d+/)
    }
  })

  it('starts nothing before the credentials are made, and holds none itself', () => {
    for (const [name, service] of Object.entries(compose.services))
      if (name !== 'setup') expect(service.depends_on?.setup?.condition, name).toBe('service_completed_successfully')
    for (const { environment = {} } of Object.values(compose.services))
      for (const [key, value] of Object.entries(environment)) if (/PASSWORD|TOKEN|USERNAME/.test(key)) expect(value).toMatch(/^\/secrets\//)
  })

  it('runs the engine without root and asks it how it is', () => {
    const engine = dockerfile.slice(dockerfile.indexOf('AS engine'))
    expect(engine).toMatch(/^USER node$/m)
    expect(compose.services.engine!.healthcheck!.test.join(' ')).toContain('healthcheck.mjs')
    expect(read('docker/healthcheck.mjs')).toContain('/api/v1/health')
  })

  it('shows plain HTTP to this machine only', () => {
    expect(compose.services.grafana!.ports).toEqual(['127.0.0.1:3000:3000'])
    expect(compose.services.influxdb!.ports).toBeUndefined()
  })
})

describe('the configuration of the composed engine', () => {
  it('is accepted by serve, with TLS and a token, and names what the other services have', () => {
    const config = parseConfig(read('docker/engine.json'), 'docker/engine.json')
    const influx = compose.services.influxdb!.environment!
    expect(config.store).toMatchObject({ org: influx.DOCKER_INFLUXDB_INIT_ORG, bucket: influx.DOCKER_INFLUXDB_INIT_BUCKET })
    expect(compose.services.mosquitto!.ports).toContain(`${new URL(config.broker.url!).port}:${new URL(config.broker.url!).port}`)
    expect(compose.services.engine!.ports).toContain(`${config.http.port}:${config.http.port}`)
  })
})

describe('the provisioned dashboard', () => {
  interface Panel {
    readonly datasource: { readonly uid: string }
    readonly targets: readonly { readonly query: string }[]
  }
  const dashboard = JSON.parse(read('docker/grafana/dashboards/patient.json')) as { panels: readonly Panel[] }
  const provisioned = parse(read('docker/grafana/provisioning/datasources/influxdb.yml')) as {
    datasources: readonly { uid: string; jsonData: { organization: string; defaultBucket: string } }[]
  }
  const queries = dashboard.panels.flatMap(panel => panel.targets.map(target => target.query))

  it('uses the provisioned source and the bucket that the engine writes to', () => {
    const [source] = provisioned.datasources
    const config = parseConfig(read('docker/engine.json'), 'docker/engine.json')
    expect(source!.jsonData).toMatchObject({ organization: config.store.org, defaultBucket: config.store.bucket })
    for (const panel of dashboard.panels) expect(panel.datasource.uid).toBe(source!.uid)
    for (const query of queries) expect(query).toContain(`from(bucket: "${config.store.bucket}")`)
  })

  it('asks only for measurements, tags and fields that the store writes', () => {
    const base = { log: 'patient', partition: 1, patient: 'p', device: 'd', session: 's', t: 1, at: 1, stream: 'ecg', note: {} } as const
    const measured = vitalNames.map(
      (name, i): LoggedEvent => ({
        ...base,
        id: `1-${i}-0`,
        t: i,
        type: 'measurement',
        body: { name, value: 1, unit: '1', quality: 1, status: 'valid' },
      }),
    )
    const scored: LoggedEvent = { ...base, id: '1-90-0', type: 'score', body: { score: 'news2', total: 3, complete: false } }
    const raised: LoggedEvent = { ...base, id: '1-91-0', type: 'condition', body: { condition: 'asystole' } }
    const points = eventPoints([...measured, scored, raised], false)
    const written = new Map<string, Set<string>>()
    for (const { measurement, fields, tags } of points) {
      const own = written.get(measurement) ?? new Set()
      for (const key of [...Object.keys(fields), ...Object.keys(tags)]) own.add(key)
      written.set(measurement, own)
    }
    expect(queries.length).toBeGreaterThan(5)
    for (const query of queries) {
      const measurement = /r\["_measurement"\] == "([^"]+)"/.exec(query)![1]!
      const asked = [...query.matchAll(/r\["_field"\] == "([^"]+)"/g)].map(([, field]) => field!)
      const tags = [...query.matchAll(/r\["([a-z]+)"\] ==/g)].map(([, tag]) => tag!)
      expect(asked.length).toBeGreaterThan(0)
      for (const key of [...asked, ...tags]) expect([...(written.get(measurement) ?? [])], `${measurement}: ${key}`).toContain(key)
    }
  })
})

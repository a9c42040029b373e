import { parseArgs } from 'node:util'
import type { JournalLevel } from '../src/journal/journal-level.js'

export const groupNames = ['micro', 'pipeline', 'end-to-end', 'restart'] as const
export type GroupName = (typeof groupNames)[number]

export interface RunOptions {
  readonly groups: readonly GroupName[]
  readonly quick: boolean
  /** Micro-benchmarks to run; empty: all. */
  readonly cases: readonly string[]
  /** Of the load; null: the default of each run. */
  readonly devices: number | null
  readonly seconds: number | null
  readonly speed: number | null | undefined
  /** Levels of the journal, which take turns. */
  readonly levels: readonly JournalLevel[]
  /** How often each run is made. */
  readonly rounds: number
  readonly broker: 'embedded' | 'mosquitto' | null
  readonly connections: number | null
  readonly workers: number | null
  readonly profile: string | null
  readonly save: boolean
  readonly compare: string | null
  readonly tolerance: number
}

export const help = `npm run bench -- [GROUP...] [options]
Groups: ${groupNames.join(', ')}; default: all but restart, in under 3 minutes on an idle machine.
  --quick             fewer rounds and devices: does it run and are the results right
  --case NAME         only this micro-benchmark; may be repeated
  --devices N         end-to-end: devices
  --seconds S         end-to-end: seconds of signal that each device sends
  --speed N|max       end-to-end: multiple of real time, or as fast as it goes
  --broker KIND       end-to-end: embedded or mosquitto (default: both, where Mosquitto is installed)
  --connections N     end-to-end: TCP connections that the devices share (default: one for each device)
  --level LIST        end-to-end: levels of the journal, process or power or both with a comma (default process)
  --rounds N          end-to-end: each run so many times, in turns (default 1)
  --workers N         end-to-end: the engine's worker threads (default: the engine's own)
  --profile DIR       writes CPU profiles of the pipeline, or of the engine under load, to DIR (node --cpu-prof)
  --no-save           leaves bench/results/ as it is
  --compare FILE      holds micro and pipeline results against a stored one of the same machine; exit 1 on a loss
  --tolerance P       the loss that --compare allows, per cent (default 10)`

/** Throws Error with what is accepted. */
export function readOptions(args: readonly string[]): RunOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
      devices: { type: 'string' },
      seconds: { type: 'string' },
      speed: { type: 'string' },
      level: { type: 'string', default: 'process' },
      rounds: { type: 'string' },
      broker: { type: 'string' },
      connections: { type: 'string' },
      workers: { type: 'string' },
      profile: { type: 'string' },
      'no-save': { type: 'boolean', default: false },
      compare: { type: 'string' },
      tolerance: { type: 'string', default: '10' },
    },
  })
  if (values.help === true) return 'help'
  for (const group of positionals) {
    if (!groupNames.includes(group as GroupName)) throw new Error(`no group ${group}; accepted are ${groupNames.join(', ')}`)
  }
  const { broker } = values
  if (broker !== undefined && broker !== 'embedded' && broker !== 'mosquitto') {
    throw new Error(`--broker ${broker}; accepted are embedded, mosquitto`)
  }
  const levels = values.level.split(',')
  for (const level of levels) {
    if (level !== 'process' && level !== 'power') throw new Error(`--level ${level}; accepted are process, power`)
  }
  return {
    groups: positionals.length === 0 ? groupNames.filter(group => group !== 'restart') : (positionals as GroupName[]),
    quick: values.quick,
    cases: values.case,
    devices: whole('devices', values.devices, 100_000),
    seconds: whole('seconds', values.seconds, 3600),
    speed: values.speed === undefined ? undefined : values.speed === 'max' ? null : whole('speed', values.speed, 1000),
    levels: levels as JournalLevel[],
    rounds: whole('rounds', values.rounds, 100) ?? 1,
    broker: broker ?? null,
    connections: whole('connections', values.connections, 10_000),
    workers: whole('workers', values.workers, 64),
    profile: values.profile ?? null,
    save: !values['no-save'],
    compare: values.compare ?? null,
    tolerance: whole('tolerance', values.tolerance, 1000) ?? 10,
  }
}

function whole(name: string, text: string | undefined, most: number): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (!(Number.isInteger(value) && value >= 1 && value <= most))
    throw new Error(`--${name} ${text}; accepted is a whole number from 1 to ${most}`)
  return value
}

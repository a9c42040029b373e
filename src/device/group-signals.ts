import type { SignalInfo } from '../recording/recording.js'
import { sameRate } from '../signal/rate.js'

/** Signals of the source that become one stream, in the order of its channels. */
export interface SignalGroup {
  /** Stream id. */
  readonly id: string
  readonly signals: readonly SignalInfo[]
}

/** Ids that numerics and events take where streams are named. */
const reserved = new Set(['n', 'e'])

/**
 * Puts signals into streams: what shares a time grid, a kind and a unit travels together, as leads of one front end do.
 * A recording that names its streams (`NAME.recording.json`) decides itself, as far as rates and units allow. The id is
 * the recording's name or the kind, with a number from the second on.
 */
export function groupSignals(signals: readonly SignalInfo[]): SignalGroup[] {
  const groups: SignalInfo[][] = []
  for (const signal of signals) {
    const group = groups.find(members => belongTogether(members[0]!, signal))
    if (group === undefined) groups.push([signal])
    else group.push(signal)
  }
  const taken = new Set<string>(reserved)
  return groups.map(members => ({ id: uniqueId(members[0]!, taken), signals: members }))
}

function belongTogether(a: SignalInfo, b: SignalInfo): boolean {
  return (
    a.kind === b.kind &&
    a.unit === b.unit &&
    a.stream === b.stream &&
    a.encoding === b.encoding &&
    a.startMicros === b.startMicros &&
    a.length === b.length &&
    sameRate(a.fs, b.fs)
  )
}

function uniqueId(signal: SignalInfo, taken: Set<string>): string {
  const base = identifierFrom(signal.stream ?? signal.kind).slice(0, 56)
  let id = base
  for (let number = 2; taken.has(id); number++) id = `${base}-${number}`
  taken.add(id)
  return id
}

/** Lower case, with everything outside `[a-z0-9-]` made `-`; at most 64 characters, never empty. */
export function identifierFrom(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-')
      .slice(0, 64) || '-'
  )
}

/** Channel names of 1 to 64 characters, different from each other, as a birth wants them. */
export function nameChannels(signals: readonly SignalInfo[]): string[] {
  const taken = new Set<string>()
  return signals.map(signal => {
    const base = signal.name.slice(0, 58) || `signal ${signal.index}`
    let name = base
    for (let number = 2; taken.has(name); number++) name = `${base} ${number}`
    taken.add(name)
    return name
  })
}

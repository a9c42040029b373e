import type { ScenarioName } from '../../src/simulate/scenario.js'
import { Draw } from './draw.js'

/** What the nemesis does, in order; milliseconds. */
export type Fault =
  /** SIGKILL, `delayMs` after the next write of this kind; then what the kill left of the last segments is spoilt. */
  | {
      readonly kind: 'kill-engine'
      readonly after: WriteKind
      readonly delayMs: number
      readonly downMs: number
      readonly tail: Tail | null
      readonly readOnlyStart: boolean
    }
  | { readonly kind: 'pause-engine'; readonly ms: number }
  | { readonly kind: 'end-worker'; readonly worker: number }
  | { readonly kind: 'kill-broker'; readonly downMs: number }
  | { readonly kind: 'kill-store'; readonly downMs: number }
  | { readonly kind: 'reset-links'; readonly side: LinkSide }
  | { readonly kind: 'part-links'; readonly side: LinkSide; readonly ms: number; readonly thenReset: boolean }
  | { readonly kind: 'fill-disk'; readonly ms: number }
  | { readonly kind: 'freeze-files'; readonly ms: number }
  | { readonly kind: 'step-clock'; readonly byMs: number }
  | { readonly kind: 'trouble-store'; readonly how: StoreTrouble; readonly ms: number }

export type WriteKind = 'journal' | 'events' | 'snapshots'
export type LinkSide = 'devices' | 'engine'
export type StoreTrouble = 'slow' | 'error' | 'refused' | 'cut-answer' | 'silent'
/**
 * `torn-*`: the beginning of a record whose write was cut off; `garbage-*`: bytes that are no record; `cut-events`: the
 * event log ends earlier, but not before what the newest snapshots stand on: as when the kill had come sooner.
 */
export type Tail = 'torn-journal' | 'garbage-journal' | 'torn-events' | 'garbage-events' | 'cut-events'

export interface DevicePlan {
  readonly device: string
  readonly scenario: ScenarioName
  readonly seed: number
  readonly clock: 'recorded' | 'monotonic'
  /** Seconds of signal, and times real time. */
  readonly seconds: number
  readonly speed: number
  readonly chunkSeconds: number
  /** Signals of the simulated patient, by name. */
  readonly channels: readonly string[]
}

export interface SeedPlan {
  readonly seed: number
  readonly broker: 'embedded' | 'mosquitto'
  readonly store: 'embedded' | 'influx-v1'
  readonly workers: number
  readonly devices: readonly DevicePlan[]
  /** Each begins `gapMs` after the one before was begun (an outage goes on meanwhile). */
  readonly faults: readonly { readonly gapMs: number; readonly fault: Fault }[]
}

/** What this machine has; what it lacks is not drawn. */
export interface Means {
  readonly mosquitto: boolean
  readonly influxd: boolean
  /** A file system of a limited size may be mounted. */
  readonly mount: boolean
  /** Limits of a running process may be changed (`prlimit`). */
  readonly limits: boolean
}

const recordedScenarios = ['stable', 'desaturation', 'asystole', 'af', 'vt', 'lead-off', 'sensor-off', 'motion'] as const
/** Each is a stream or two; the device's own numbers come with all. */
const channelSets = [['II', 'V5'], ['II'], ['red', 'infrared'], ['II', 'impedance']] as const
const writeKinds = ['journal', 'events', 'snapshots'] as const
const tails = ['torn-journal', 'garbage-journal', 'torn-events', 'garbage-events', 'cut-events'] as const
const storeTroubles = ['slow', 'error', 'refused', 'cut-answer', 'silent'] as const

/** The same seed and means make the same plan. Every plan kills the engine at least once. */
export function planSeed(seed: number, means: Means): SeedPlan {
  const draw = new Draw(seed)
  const broker = means.mosquitto && draw.chance(0.5) ? 'mosquitto' : 'embedded'
  const store = means.influxd && draw.chance(0.5) ? 'influx-v1' : 'embedded'
  const workers = draw.whole(1, 3)
  const recorded = draw.whole(2, 3)
  const live = draw.whole(1, 2)
  const devices = Array.from({ length: recorded + live }, (_, k): DevicePlan => {
    const isRecorded = k < recorded
    const seconds = isRecorded ? draw.whole(35, 55) : 7
    return {
      device: `${isRecorded ? 'rec' : 'live'}-${k}`,
      scenario: isRecorded ? draw.oneOf(recordedScenarios) : draw.oneOf(['stable', 'desaturation', 'vt'] as const),
      seed: draw.whole(1, 1_000_000),
      clock: isRecorded ? 'recorded' : 'monotonic',
      seconds,
      speed: isRecorded ? seconds / draw.between(4, 6) : 1.25,
      chunkSeconds: isRecorded ? draw.oneOf([0.5, 1, 2]) : draw.oneOf([0.25, 0.5]),
      channels: draw.oneOf(channelSets),
    }
  })
  const first = { gapMs: draw.whole(600, 1800), fault: drawKill(draw, means) }
  const more = Array.from({ length: draw.whole(1, 4) }, () => ({
    gapMs: draw.whole(100, 900),
    fault: drawFault(draw, broker, store, workers, means),
  }))
  // The sure kill comes first, in the middle or last.
  const faults = [...more]
  faults.splice(draw.whole(0, more.length), 0, first)
  return { seed, broker, store, workers, devices, faults }
}

function drawKill(draw: Draw, means: Means): Fault {
  return {
    kind: 'kill-engine',
    after: draw.oneOf(writeKinds),
    delayMs: draw.chance(0.5) ? 0 : draw.whole(1, 20),
    downMs: draw.chance(0.7) ? draw.whole(0, 200) : draw.whole(200, 1200),
    tail: draw.chance(0.6) ? draw.oneOf(tails) : null,
    readOnlyStart: means.mount && draw.chance(0.1),
  }
}

function drawFault(draw: Draw, broker: SeedPlan['broker'], store: SeedPlan['store'], workers: number, means: Means): Fault {
  const side = (): LinkSide => (broker === 'mosquitto' && draw.chance(0.5) ? 'engine' : 'devices')
  const makers: (() => Fault)[] = [
    () => drawKill(draw, means),
    () => ({ kind: 'pause-engine', ms: draw.whole(100, 1500) }),
    () => ({ kind: 'end-worker', worker: draw.whole(0, workers - 1) }),
    () => ({ kind: 'reset-links', side: side() }),
    () => ({ kind: 'part-links', side: side(), ms: draw.whole(200, 1800), thenReset: draw.chance(0.5) }),
    () => ({ kind: 'step-clock', byMs: draw.oneOf([-1, 1]) * draw.oneOf([400, 2000, 30_000, 3_600_000]) }),
  ]
  if (broker === 'mosquitto') makers.push(() => ({ kind: 'kill-broker', downMs: draw.whole(0, 1200) }))
  if (store === 'influx-v1') {
    makers.push(() => ({ kind: 'kill-store', downMs: draw.whole(0, 1200) }))
    makers.push(() => ({ kind: 'trouble-store', how: draw.oneOf(storeTroubles), ms: draw.whole(200, 2000) }))
    makers.push(() => ({ kind: 'trouble-store', how: draw.oneOf(storeTroubles), ms: draw.whole(200, 2000) }))
  }
  if (means.mount) makers.push(() => ({ kind: 'fill-disk', ms: draw.whole(200, 1500) }))
  if (means.limits) makers.push(() => ({ kind: 'freeze-files', ms: draw.whole(200, 1500) }))
  return draw.oneOf(makers)()
}

import type { CoursePoints } from './course.js'

export const scenarioNames = [
  'stable',
  'sepsis-drift',
  'desaturation',
  'af',
  'asystole',
  'vt',
  'lead-off',
  'motion',
  'sensor-off',
  'device-restart',
  'device-restart-same-boot',
  'link-loss',
] as const
export type ScenarioName = (typeof scenarioNames)[number]

/** Seconds from the start of the simulation, [from, to). */
export interface Episode<Kind extends string> {
  readonly kind: Kind
  readonly from: number
  readonly to: number
}

export type RhythmKind = 'af' | 'asystole' | 'vt'
export type DisturbanceKind = 'lead-off' | 'sensor-off' | 'motion'

/** All that happens to a patient and a device; times in seconds. */
export interface Script {
  readonly scenario: ScenarioName
  /** The courses and episodes repeat after so many seconds; restarts and outages happen once. */
  readonly periodSeconds: number
  /** Mean rates, /min. During asystole the heart rate is 0. */
  readonly heartRate: CoursePoints
  readonly respiratoryRate: CoursePoints
  /** Arterial saturation, %. */
  readonly saturation: CoursePoints
  /** Cel. */
  readonly temperature: CoursePoints
  /** mm[Hg]. */
  readonly systolic: CoursePoints
  readonly diastolic: CoursePoints
  /** 1 while newly confused (C), 0 while alert (A). */
  readonly confusion: CoursePoints
  readonly rhythms: readonly Episode<RhythmKind>[]
  readonly disturbances: readonly Episode<DisturbanceKind>[]
  /** The device stops at `from` without a word and starts anew at `to`. */
  readonly restarts: readonly Episode<'new-boot' | 'same-boot'>[]
  /** Nothing is delivered; what was kept back follows after. */
  readonly outages: readonly Episode<'link-loss'>[]
}

/** How a patient differs from the next, drawn from the seed. */
export interface Baseline {
  readonly heartRate: number
  readonly respiratoryRate: number
  readonly saturation: number
  readonly temperature: number
  readonly systolic: number
  readonly diastolic: number
}

/** Seconds after which an endless scenario begins again, at least. */
const shortestPeriod = 600

/** The script of a scenario whose trouble begins at `onset` seconds (an even number keeps flags on chunk borders). */
export function writeScript(scenario: ScenarioName, baseline: Baseline, onset: number): Script {
  const calm = calmScript(scenario, baseline, Math.max(shortestPeriod, onset + 300))
  return { ...calm, ...changes[scenario](calm, baseline, onset) }
}

function calmScript(scenario: ScenarioName, baseline: Baseline, periodSeconds: number): Script {
  return {
    scenario,
    periodSeconds,
    heartRate: [[0, baseline.heartRate]],
    respiratoryRate: [[0, baseline.respiratoryRate]],
    saturation: [[0, baseline.saturation]],
    temperature: [[0, baseline.temperature]],
    systolic: [[0, baseline.systolic]],
    diastolic: [[0, baseline.diastolic]],
    confusion: [[0, 0]],
    rhythms: [],
    disturbances: [],
    restarts: [],
    outages: [],
  }
}

type Changes = (calm: Script, baseline: Baseline, onset: number) => Partial<Script>

const changes: Readonly<Record<ScenarioName, Changes>> = {
  stable: () => ({ periodSeconds: Number.POSITIVE_INFINITY }),

  // Half an hour from well to septic, in the order in which a ward sees it: pulse and breathing first, pressure last.
  'sepsis-drift': (_, baseline, onset) => ({
    periodSeconds: Math.max(3600, onset + 2400),
    heartRate: drift(onset, 1200, baseline.heartRate, 128),
    respiratoryRate: drift(onset, 1500, baseline.respiratoryRate, 28),
    saturation: drift(onset + 300, 1500, baseline.saturation, 91),
    temperature: drift(onset, 1800, baseline.temperature, 39.4),
    systolic: drift(onset + 600, 1200, baseline.systolic, 86),
    diastolic: drift(onset + 600, 1200, baseline.diastolic, 48),
    confusion: step(onset + 1500, 0, 1),
  }),

  desaturation: (_, baseline, onset) => ({
    saturation: excursion(onset, 30, 90, 60, baseline.saturation, 82),
    heartRate: excursion(onset + 10, 30, 90, 60, baseline.heartRate, baseline.heartRate + 22),
    respiratoryRate: excursion(onset, 30, 90, 60, baseline.respiratoryRate, baseline.respiratoryRate + 8),
  }),

  af: (_, baseline, onset) => ({
    rhythms: [{ kind: 'af', from: onset, to: onset + 240 }],
    heartRate: plateau(onset, onset + 240, baseline.heartRate, 118),
  }),

  asystole: (_, baseline, onset) => ({
    rhythms: [{ kind: 'asystole', from: onset, to: onset + 15 }],
    heartRate: plateau(onset, onset + 15, baseline.heartRate, 0),
  }),

  vt: (_, baseline, onset) => ({
    rhythms: [{ kind: 'vt', from: onset, to: onset + 20 }],
    heartRate: plateau(onset, onset + 20, baseline.heartRate, 182),
  }),

  'lead-off': (_, __, onset) => ({ disturbances: [{ kind: 'lead-off', from: onset, to: onset + 40 }] }),
  motion: (_, __, onset) => ({ disturbances: [{ kind: 'motion', from: onset, to: onset + 40 }] }),
  'sensor-off': (_, __, onset) => ({ disturbances: [{ kind: 'sensor-off', from: onset, to: onset + 40 }] }),

  'device-restart': (_, __, onset) => ({ restarts: [{ kind: 'new-boot', from: onset, to: onset + 8 }] }),
  'device-restart-same-boot': (_, __, onset) => ({ restarts: [{ kind: 'same-boot', from: onset, to: onset + 8 }] }),

  // The heart stops while nobody can hear the device: the alert must come out of the backlog.
  'link-loss': (_, baseline, onset) => ({
    outages: [{ kind: 'link-loss', from: onset, to: onset + 36 }],
    rhythms: [{ kind: 'asystole', from: onset + 10, to: onset + 24 }],
    heartRate: plateau(onset + 10, onset + 24, baseline.heartRate, 0),
  }),
}

function drift(from: number, seconds: number, start: number, end: number): CoursePoints {
  return [
    [from, start],
    [from + seconds, end],
  ]
}

function step(at: number, before: number, after: number): CoursePoints {
  return [
    [at, before],
    [at, after],
  ]
}

function plateau(from: number, to: number, outside: number, inside: number): CoursePoints {
  return [
    [from, outside],
    [from, inside],
    [to, inside],
    [to, outside],
  ]
}

function excursion(from: number, fall: number, hold: number, recover: number, outside: number, inside: number): CoursePoints {
  return [
    [from, outside],
    [from + fall, inside],
    [from + fall + hold, inside],
    [from + fall + hold + recover, outside],
  ]
}

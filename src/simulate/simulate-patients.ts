import { createVirtualDevice } from '../device/create-virtual-device.js'
import type { DeviceLife, PlayedDevice } from '../device/played-device.js'
import { VitalwireError } from '../errors.js'
import { deriveSeed } from './random.js'
import { type ScenarioName, scenarioNames } from './scenario.js'
import { makeSyntheticSource, type SyntheticSource } from './synthetic-source.js'

export interface SimulationOptions {
  /** Number of patients, 1 to 10,000. */
  readonly patients: number
  /** One scenario for all, or `mixed`: patient after patient the next scenario. */
  readonly scenario: ScenarioName | 'mixed'
  /** Equal seeds make equal bytes. */
  readonly seed: number
  /** Default: without end. */
  readonly durationSeconds?: number
  /** When the trouble of the scenario begins; default 20 s. */
  readonly onsetSeconds?: number
  readonly chunkSeconds?: number
  /** Of the first life of each device; default 1. Must be above that of an earlier run against the same engine (B2). */
  readonly boot?: number
  /**
   * `recorded` (default): equal runs have equal hashes. `monotonic`: like a device, with silence ticks and estimates of its
   * clock; to be played at speed 1. A restart under the same boot is always `monotonic`: its clock begins at 0 again,
   * which a recording cannot say.
   */
  readonly clock?: 'recorded' | 'monotonic'
  /** UTC of second 0, microseconds; default none. */
  readonly epoch?: number
  /** Device ids are this with a number; default `sim`. */
  readonly prefix?: string
}

export interface SimulatedPatient {
  readonly source: SyntheticSource
  /** For `replayDevices`. */
  readonly played: PlayedDevice
}

/** Simulated patients, each with a device; nothing is computed before it is read. */
export function simulatePatients(options: SimulationOptions): SimulatedPatient[] {
  const { patients, scenario, durationSeconds = Number.POSITIVE_INFINITY } = options
  if (!(Number.isInteger(patients) && patients >= 1 && patients <= 10_000)) {
    throw new VitalwireError('usage-option', `${patients} patients; accepted are 1 to 10000`)
  }
  if (scenario !== 'mixed' && !scenarioNames.includes(scenario)) {
    throw new VitalwireError('usage-option', `scenario ${scenario as string}; accepted are mixed, ${scenarioNames.join(', ')}`)
  }
  if (!(durationSeconds >= 1)) throw new VitalwireError('usage-option', `duration ${durationSeconds} s; accepted is 1 s or more`)
  if (!Number.isSafeInteger(options.seed)) throw new VitalwireError('usage-option', `seed ${options.seed}; accepted is a whole number`)
  const onset = options.onsetSeconds === undefined ? {} : { onsetSeconds: options.onsetSeconds }
  return Array.from({ length: patients }, (_, k) => {
    const name = `${options.prefix ?? 'sim'}-${String(k + 1).padStart(3, '0')}`
    const own = scenario === 'mixed' ? scenarioNames[k % scenarioNames.length]! : scenario
    const source = makeSyntheticSource({ name, scenario: own, seed: deriveSeed(options.seed, k), durationSeconds, ...onset })
    return { source, played: playSynthetic(source, options) }
  })
}

/** The script's restarts cut the session into lives. */
function playSynthetic(source: SyntheticSource, options: SimulationOptions): PlayedDevice {
  const { script } = source
  const restarts = script.restarts.filter(restart => restart.to < source.durationSeconds)
  const sameBoot = restarts.some(restart => restart.kind === 'same-boot')
  const firstBoot = options.boot ?? 1
  const chunk = options.chunkSeconds === undefined ? {} : { chunkSeconds: options.chunkSeconds }

  function lives(round: number): DeviceLife[] {
    const session = `${source.name}-${firstBoot}-${round}`
    let boot = firstBoot + round * (restarts.length + 1)
    let from = 0
    const make = (to: number | undefined): DeviceLife => ({
      startsAt: from,
      virtual: createVirtualDevice({
        source,
        boot,
        session,
        clock: sameBoot ? 'monotonic' : (options.clock ?? 'recorded'),
        from,
        // Under the same boot the clock begins anew, so that both births are equal; else it goes on, for one time axis.
        clockZero: sameBoot ? from : 0,
        ...(options.epoch === undefined ? {} : { epoch: options.epoch + (sameBoot ? from * 1e6 : 0) }),
        ...(to === undefined ? {} : { to, unfinished: true }),
        ...chunk,
        model: 'vitalwire-simulator',
      }),
    })
    const made: DeviceLife[] = []
    for (const restart of restarts) {
      made.push(make(restart.from))
      from = restart.to
      if (restart.kind === 'new-boot') boot++
    }
    return [...made, make(undefined)]
  }

  return { device: source.name, record: source.name, lives, outages: script.outages }
}

import { upperLimit } from './control-limits.js'
import type { QualityReport } from './quality-report.js'

/** What is watched by model and firmware: each a share of what a device delivers in an hour. */
export const fleetMetrics = ['refused', 'lost', 'poor', 'flagged'] as const
export type FleetMetric = (typeof fleetMetrics)[number]

/** A device's hour is bad when more than this share is so; with fewer than the count it says nothing. */
const badHour: Readonly<Record<FleetMetric, { readonly share: number; readonly least: number }>> = {
  refused: { share: 0.05, least: 10 },
  lost: { share: 0.05, least: 1000 },
  poor: { share: 0.5, least: 60 },
  flagged: { share: 0.2, least: 10 },
}

const hourMicros = 3600e6
/** Hours that count. */
const windowHours = 6
const leastDevices = 3
const leastHours = 5
/** Groups kept at once; those that have been silent for longest go. */
const mostGroups = 500
const namedDevices = 20

export interface FleetShare {
  readonly metric: FleetMetric
  /** Device-hours that say something, and those that are bad. */
  readonly hours: number
  readonly bad: number
  /** Share of bad ones among the device-hours of all others, and the limit above which this group is out of control. */
  readonly baseline: number
  readonly limit: number
  readonly out: boolean
  /** Devices with a bad hour, some of them by name. */
  readonly devices: number
  readonly named: readonly string[]
}

export interface FleetGroup {
  readonly model: string
  readonly firmware: string
  readonly devices: number
  readonly shares: readonly FleetShare[]
}

/** Of one device and hour: counts of what is so and of what it could be, by metric. */
type Pairs = Record<FleetMetric, [so: number, of: number]>
type Hours = Record<string, Record<string, Pairs>>

/**
 * Quality by model and firmware over the last six hours. The unit is the device-hour, bad or not: values of one device are not
 * independent of each other, and one broken sensor is no broken firmware. Memory: 150 bytes or so a device and hour.
 */
export class FleetWatch {
  /** By model and firmware, by hour, by device. */
  #groups = new Map<string, Hours>()

  take(device: string, report: QualityReport): void {
    const key = groupKey(report.model, report.firmware)
    const hours = this.#groups.get(key) ?? {}
    this.#groups.delete(key)
    this.#groups.set(key, hours)
    const devices = (hours[report.hour] ??= {})
    const pairs = (devices[device] ??= { refused: [0, 0], lost: [0, 0], poor: [0, 0], flagged: [0, 0] })
    for (const [metric, [so, of]] of Object.entries(pairsOf(report)) as [FleetMetric, [number, number]][]) {
      pairs[metric][0] += so
      pairs[metric][1] += of
    }
    for (const hour of Object.keys(hours)) if (Number(hour) <= report.hour - windowHours * hourMicros) delete hours[hour]
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= mostGroups) break
      this.#groups.delete(oldest)
    }
  }

  groups(): FleetGroup[] {
    const counted = [...this.#groups].map(([key, hours]) => ({ key, hours, bad: countBad(hours) }))
    return counted.map(({ key, hours, bad }) => {
      const [model = '', firmware = ''] = JSON.parse(key) as string[]
      const names = new Set(Object.values(hours).flatMap(devices => Object.keys(devices)))
      const shares = fleetMetrics.map((metric): FleetShare => {
        const own = bad[metric]
        let otherHours = 0
        let otherBad = 0
        for (const other of counted) {
          if (other.key === key) continue
          otherHours += other.bad[metric].hours
          otherBad += other.bad[metric].bad
        }
        const baseline = otherHours === 0 ? 0 : otherBad / otherHours
        const limit = upperLimit(baseline, own.hours)
        const enough = own.devices.size >= leastDevices && own.hours >= leastHours
        const out = enough && own.bad / own.hours > limit
        const named = [...own.devices].sort().slice(0, namedDevices)
        return { metric, hours: own.hours, bad: own.bad, baseline, limit, out, devices: own.devices.size, named }
      })
      return { model, firmware, devices: names.size, shares }
    })
  }

  save(): unknown {
    return structuredClone([...this.#groups])
  }

  load(state: unknown): void {
    this.#groups = new Map(structuredClone(state as [string, Hours][]))
  }
}

function groupKey(model: string, firmware: string): string {
  return JSON.stringify([model, firmware])
}

function pairsOf({ values, messages, points, samples, judgedSeconds, usableSeconds }: QualityReport): Pairs {
  const refused = Object.values(messages.refused).reduce((sum, count) => sum + count, 0)
  return {
    refused: [values.refused + refused, values.accepted + values.refused + messages.received],
    lost: [points.lost + samples.invalid, points.stored + points.lost],
    poor: [judgedSeconds - usableSeconds, judgedSeconds],
    flagged: [values.flagged, values.accepted],
  }
}

function countBad(hours: Hours): Record<FleetMetric, { hours: number; bad: number; devices: Set<string> }> {
  const none = () => ({ hours: 0, bad: 0, devices: new Set<string>() })
  const counts = { refused: none(), lost: none(), poor: none(), flagged: none() }
  for (const devices of Object.values(hours)) {
    for (const [device, pairs] of Object.entries(devices)) {
      for (const metric of fleetMetrics) {
        const [so, of] = pairs[metric]
        if (of < badHour[metric].least) continue
        counts[metric].hours += 1
        if (so / of <= badHour[metric].share) continue
        counts[metric].bad += 1
        counts[metric].devices.add(device)
      }
    }
  }
  return counts
}

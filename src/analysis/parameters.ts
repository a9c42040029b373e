import { createHash } from 'node:crypto'
import { prescriptionsOf } from '../alert/prescribed-limits.js'
import type { PartitionOptions } from '../engine/partition-options.js'
import { monitorParameters } from '../monitor/patient-monitor.js'
import { isJoined, joinsStreams, planStream } from '../monitor/plan.js'
import { motionRateParameters } from '../ppg/motion-rate/parameters.js'
import { canonicalJson } from '../signal/canonical-json.js'
import type { StreamSpec } from '../signal/stream.js'

/**
 * SHA-256 of every parameter that decides what is said of these streams of `device`: chains, rules, catalogue. Attributes
 * count only as they choose the limits; `day` as it decides which calibration holds.
 */
export function hashParameters(streams: readonly StreamSpec[], options: PartitionOptions, device: string, day: string | null): string {
  const joins = joinsStreams(streams)
  const chains = streams.map(spec => {
    const chain = planStream(spec, joins && isJoined(spec), { ...options.oximetry, day }).chain
    return { kind: spec.kind, chain: chain.name, parameters: chain.parameters }
  })
  const { all, patients } = options.attributes
  const attributes = Object.hasOwn(patients, device) ? patients[device]! : all
  const monitor = monitorParameters({
    attributes,
    limits: options.limits,
    prescriptions: prescriptionsOf(options.prescriptions ?? [], device),
  })
  return createHash('sha256')
    .update(canonicalJson({ chains, monitor, ...(joins ? { motionRate: motionRateParameters } : {}) }))
    .digest('hex')
}

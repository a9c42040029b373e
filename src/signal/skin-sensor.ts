import type { StreamSpec } from './stream.js'

/** Where body temperature is measured: what is worn nowhere else. Names as recordings and births write them, in English and Latin. */
const core =
  /rect|\boral\b|mouth|tympan|\bear\b|(o?e)?sophag|bladder|foley|vesic|naso|nasal|cath|blood|\bcore\b|t[-_ ]?core|venous|arter|room|ambient|\bair\b|enviro/i

/** Where a band sits that carries all its sensors: what it calls temperature is that of the skin below it, or of its own case. */
const limb = /\b(left|right)?[-_ ]?(wrist|ankle|forearm)\b/i

/** Whether a stream of kind `temperature` is of the skin: all are but those whose name or site says something else. */
export function isSkinTemperature({ id, kind, channels, site }: StreamSpec): boolean {
  return kind === 'temperature' && ![id, site ?? '', ...channels].some(word => core.test(word))
}

/** Whether a device is worn at wrist, forearm or ankle, by the sites of its streams. */
export function isWornAtLimb(streams: readonly StreamSpec[]): boolean {
  return streams.some(({ site }) => site !== undefined && limb.test(site))
}

import { encodeSenml, type RawRecord } from '../wire/senml.js'
import type { PackPlace } from './pack-grid.js'
import type { NumericValue } from './signal-source.js'

/**
 * A pack of numerics as SenML in the units of the source, which the receiver converts (N1). `zero` is where the device
 * clock reads 0 on the source's axis, microseconds; `last` ends the stream.
 */
export function encodePackPlace(place: PackPlace, boot: number, zero: number, last: boolean): Uint8Array {
  const records: RawRecord[] = [
    { n: 'pack', vs: `${boot}:${place.seq}` },
    { n: 'device-clock', u: 's', v: (place.t - zero) / 1e6 },
  ]
  let author: string | undefined
  // What a person entered comes behind the rest, because an `author` record speaks for all that follow.
  const entered = place.values.filter(value => value.author !== undefined)
  for (const value of [...place.values.filter(value => value.author === undefined), ...entered]) {
    if (value.author !== undefined && value.author !== author) {
      author = value.author
      records.push({ n: 'author', vs: author })
    }
    records.push(recordOf(value))
  }
  if (last) records.push({ n: 'last', vb: true })
  return encodeSenml(records)
}

function recordOf({ name, unit, value }: NumericValue): RawRecord {
  if (typeof value === 'string') return { n: name, vs: value }
  if (typeof value === 'boolean') return { n: name, vb: value }
  return { n: name, ...(unit === '' ? {} : { u: unit }), v: value }
}

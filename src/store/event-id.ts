/** Parts of a logged event's id `partition-offset-ordinal`; within a partition ids only go up. */
export interface EventOrder {
  readonly partition: string
  readonly offset: number
  readonly ordinal: number
}

/** The partition may itself hold a minus sign; the last two numbers are offset and ordinal. */
export function parseEventId(id: string): EventOrder {
  const ordinalAt = id.lastIndexOf('-')
  const offsetAt = id.lastIndexOf('-', ordinalAt - 1)
  const offset = Number(id.slice(offsetAt + 1, ordinalAt))
  const ordinal = Number(id.slice(ordinalAt + 1))
  if (offsetAt < 1 || !Number.isSafeInteger(offset) || !Number.isSafeInteger(ordinal)) {
    throw new RangeError(`event id ${JSON.stringify(id)} is not partition-offset-ordinal`)
  }
  return { partition: id.slice(0, offsetAt), offset, ordinal }
}

/** Whether `id` comes after `earlier`. Of different partitions nothing can be said: true, so that nothing is dropped. */
export function isLaterEvent(id: string, earlier: string): boolean {
  const a = parseEventId(id)
  const b = parseEventId(earlier)
  if (a.partition !== b.partition) return true
  return a.offset > b.offset || (a.offset === b.offset && a.ordinal > b.ordinal)
}

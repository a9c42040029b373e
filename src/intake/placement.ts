import { createHash } from 'node:crypto'

/** Logical partitions; independent of the number of workers and part of the data format. */
export const partitionCount = 64

/** Partition of a patient, or of a device as long as nobody has it. */
export function partitionOf(device: string, patient: string | null): number {
  const text = patient === null ? `device ${device}` : `patient ${patient}`
  return createHash('sha256').update(text).digest().readUInt32LE(0) % partitionCount
}

/** The patient that a device gets by itself: always the same one, and nothing can be told from it. */
export function pseudonym(device: string): string {
  return `p-${createHash('sha256').update(`vitalwire device ${device}`).digest('hex').slice(0, 12)}`
}

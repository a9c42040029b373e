import type { Birth } from '../wire/birth.js'

/**
 * Day (UTC, `YYYY-MM-DD`) of a patient time in microseconds. Null where patient time is not UTC: recordings whose birth says no
 * `epoch`.
 */
export function dayOfPatientTime(birth: Pick<Birth, 'clock' | 'epoch'>, patientTime: number): string | null {
  if (birth.clock === 'recorded' && birth.epoch === undefined) return null
  const date = new Date(patientTime / 1000)
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10)
}

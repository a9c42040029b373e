import type { NumericValue, PeriodicNumerics } from '../device/signal-source.js'
import { Course } from './course.js'
import type { Physiology } from './physiology.js'
import { normalAt, purposes } from './random.js'

/** Cuff pressure is taken every five minutes, manual observations every fifteen; seconds within the period. */
const cuffPeriod = 300
const cuffMoment = 2
const observationPeriod = 900
const observationMoment = 1
const temperaturePeriod = 10
const batteryPeriod = 60
/** Author of the manual observations. */
const observer = 'simulated-nurse'
/** Per cent of charge an hour. */
const drainPerHour = 4
/** Seconds over which an oximeter averages: its number lags behind the blood. */
const oximeterLag = 4

/** What the device and the ward's staff send once a second; each number at its own pace. */
export function makeNumerics(body: Physiology, seed: number): PeriodicNumerics {
  const { script } = body
  const temperature = new Course(script.temperature, script.periodSeconds)
  const systolic = new Course(script.systolic, script.periodSeconds)
  const diastolic = new Course(script.diastolic, script.periodSeconds)
  const confusion = new Course(script.confusion, script.periodSeconds)
  const noise = (second: number, of: number) => normalAt(seed, purposes.numerics + 16 * of, second)

  function at(second: number): NumericValue[] {
    const values: NumericValue[] = []
    if (oximeterReads(body, second)) {
      const saturation = body.saturation(Math.max(0, second - oximeterLag)) + 0.3 * noise(second, 0)
      values.push({ name: 'spo2', unit: '%', value: Math.min(100, Math.round(saturation)) })
    }
    if (second % temperaturePeriod === 0) {
      values.push({ name: 'temperature', unit: 'Cel', value: Math.round(10 * temperature.at(second) + 0.4 * noise(second, 1)) / 10 })
    }
    if (second % cuffPeriod === cuffMoment) {
      const high = Math.round(systolic.at(second) + 2 * noise(second, 2))
      const low = Math.round(diastolic.at(second) + 2 * noise(second, 3))
      values.push({ name: 'nibp-systolic', unit: 'mm[Hg]', value: high })
      values.push({ name: 'nibp-diastolic', unit: 'mm[Hg]', value: low })
      values.push({ name: 'nibp-mean', unit: 'mm[Hg]', value: Math.round(low + (high - low) / 3) })
    }
    const confused = confusion.at(second) > 0.5
    const changed = second > 0 && confused !== confusion.at(second - 1) > 0.5
    if (second % observationPeriod === observationMoment || changed) {
      values.push({ name: 'consciousness', unit: '', value: confused ? 'C' : 'A', author: observer })
      values.push({ name: 'supplemental-oxygen', unit: '', value: false, author: observer })
    }
    if (second % batteryPeriod === 0) {
      values.push({ name: 'battery', unit: '%', value: Math.max(5, 100 - Math.floor((second * drainPerHour) / 3600)) })
    }
    return values
  }
  return { periodMicros: 1_000_000, at }
}

/** An oximeter shows a number only while it sees a pulse in a clip that is on and still. */
function oximeterReads(body: Physiology, second: number): boolean {
  if (body.disturbed('sensor-off', second) || body.disturbed('motion', second)) return false
  return body.beats(Math.max(0, second - 3), second + 0.001).length > 0 || second < 3
}

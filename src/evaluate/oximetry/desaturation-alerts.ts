import { chooseRules } from '../../alert/limits-profile.js'
import { PatientMonitor } from '../../monitor/patient-monitor.js'
import { desaturationParameters } from '../../oximetry/desaturation-watch.js'
import { unknownPatient } from '../../signal/patient.js'

/** A fall of an oximeter's number below the limit of the rule `desaturation`. */
export interface FallBelowLimit {
  /** First second below the limit, and how many seconds it lasts without a number at or above it. */
  readonly from: number
  readonly seconds: number
  readonly least: number
  /** Seconds from the first below until the alert became active, 0 when it was; null: not within the fall. */
  readonly alertAfter: number | null
}

export interface AlertCourse {
  readonly falls: readonly FallBelowLimit[]
  /** Each time that an alert on SpO2 became active, with the value of that second. */
  readonly raised: readonly { readonly condition: string; readonly at: number; readonly value: number | null }[]
  /** Of those, while the number was 2 % or more above the rule's limit. */
  readonly raisedAbove: number
}

const fallRule = 'desaturation'
const watched = ['spo2-low', fallRule]

/** One oximeter's numbers, one a second from second 0 on, through the monitor as a device would send them. */
export function courseOfAlerts(numbers: readonly (number | null)[]): AlertCourse {
  const raised: { condition: string; at: number; value: number | null }[] = []
  /** Stretches in which the alert of the rule is active. */
  const active: [from: number, to: number][] = []
  const monitor = new PatientMonitor({ attributes: unknownPatient, limits: {} }, ({ t, type, body }) => {
    if (type !== 'condition' || !watched.includes(String(body.condition))) return
    const at = t / 1e6
    const open = active[active.length - 1]
    if (body.to === 'active' && body.from !== 'active') {
      raised.push({ condition: String(body.condition), at, value: numbers[Math.floor(at)] ?? null })
      if (body.condition === fallRule) active.push([at, Number.POSITIVE_INFINITY])
    } else if (body.condition === fallRule && body.from === 'active' && body.to !== 'active' && open !== undefined) {
      open[1] = at
    }
  })
  const ref = { device: 'oximeter', boot: 1 }
  monitor.open(ref, [], { deviceTime: 0, patientTime: 0 })
  for (const [second, value] of numbers.entries()) {
    const t = second * 1e6
    monitor.numerics(ref, value === null ? [] : [{ name: 'spo2', value, t, status: 'valid' }], t)
  }
  monitor.close(ref, 'n')
  const rules = chooseRules(unknownPatient, {})
  const limitOf = (id: string) => rules.find(rule => rule.id === id)?.limit ?? Number.NaN
  return {
    falls: listFalls(numbers, limitOf(fallRule), active),
    raised,
    raisedAbove: raised.filter(({ condition, value }) => value !== null && value >= limitOf(condition) + 2).length,
  }
}

/** Seconds without a number, up to those after which a fall is lost sight of, end none. */
function listFalls(numbers: readonly (number | null)[], limit: number, active: readonly (readonly [number, number])[]): FallBelowLimit[] {
  const stretches: [from: number, to: number, least: number][] = []
  let newest: [from: number, to: number, least: number] | null = null
  for (const [second, value] of numbers.entries()) {
    if (newest !== null && second - newest[1] >= desaturationParameters.mostSilentSeconds + 1) newest = null
    if (value === null) continue
    if (value >= limit) newest = null
    else if (newest === null) stretches.push((newest = [second, second + 1, value]))
    else {
      newest[1] = second + 1
      newest[2] = Math.min(newest[2], value)
    }
  }
  return stretches.map(([from, to, least]) => {
    const alert = active.find(([begin, end]) => begin < to && end > from)
    return { from, seconds: to - from, least, alertAfter: alert === undefined ? null : Math.max(0, alert[0] - from) }
  })
}

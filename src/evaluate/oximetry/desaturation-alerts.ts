import { chooseRules } from '../../alert/limits-profile.js'
import { PatientMonitor } from '../../monitor/patient-monitor.js'
import { unknownPatient } from '../../signal/patient.js'

/** A fall of an oximeter's number below the limit of the rule `desaturation`. */
export interface Fall {
  /** First second below the limit, and how many seconds it lasts without one at or above it. */
  readonly from: number
  readonly seconds: number
  readonly least: number
  /** Seconds from the first below until the alert became active, 0 when it was; null: not within the fall. */
  readonly alertAfter: number | null
}

export interface AlertCourse {
  readonly falls: readonly Fall[]
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

function listFalls(numbers: readonly (number | null)[], limit: number, active: readonly (readonly [number, number])[]): Fall[] {
  const falls: Fall[] = []
  let from = -1
  for (let second = 0; second <= numbers.length; second++) {
    const value = numbers[second]
    const below = value !== undefined && value !== null && value < limit
    if (below && from < 0) from = second
    else if (!below && from >= 0) {
      const part = numbers.slice(from, second).map(number => number ?? limit)
      const began = from
      const alert = active.find(([begin, end]) => begin < second && end > began)
      const alertAfter = alert === undefined ? null : Math.max(0, alert[0] - began)
      falls.push({ from, seconds: second - from, least: Math.min(...part), alertAfter })
      from = -1
    }
  }
  return falls
}

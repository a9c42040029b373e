import { describe, expect, it } from 'vitest'
import { flagOf, qualityRules, ruleKey } from '../../src/quality/rules.js'
import { catalogue, vitalNames } from '../../src/signal/catalogue.js'
import { decodePack, readPack } from '../../src/wire/pack.js'
import { recordReasons, refusalReasons } from '../../src/wire/reasons.js'
import { encodeSenml } from '../../src/wire/senml.js'
import { birthOf } from '../wire/sample-device.js'
import { QualityBench } from './quality-bench.js'

const numbers = vitalNames.filter(name => catalogue[name].possible !== null)

/** What entry makes of one number in the catalogue's unit: its status, or why it is refused. */
function entered(name: string, value: number): string {
  const signed = [{ n: 'author', vs: 'nurse' }]
  const clock = [
    { n: 'pack', vs: '7:0' },
    { n: 'device-clock', u: 's', v: 60 },
  ]
  const unit = catalogue[name as (typeof vitalNames)[number]].unit
  const pack = decodePack(encodeSenml([...clock, ...signed, { n: name, u: unit, v: value }], 'cbor'))
  if ('reason' in pack) return pack.reason
  const read = readPack(pack.ok, { birth: birthOf(), at: 0, notBefore: null, counters: {} })
  if ('reason' in read) return read.reason
  return read.ok.refused[0]?.reason ?? read.ok.samples[0]?.status ?? 'nothing'
}

describe('range checks at entry, from the signal catalogue alone', () => {
  it.each(numbers)('%s: the ends of the possible and plausible ranges are in, what lies beyond is refused or flagged', name => {
    const possible = catalogue[name].possible!
    const plausible = catalogue[name].plausible!
    const [low, high] = possible
    expect(low).toBeLessThanOrEqual(plausible[0])
    expect(high).toBeGreaterThanOrEqual(plausible[1])
    const step = (high - low) * 1e-9
    expect(entered(name, low - step)).toBe('impossible')
    expect(entered(name, high + step)).toBe('impossible')
    for (const value of plausible) expect(entered(name, value)).toBe('valid')
    for (const value of possible) expect(entered(name, value)).toBe(value < plausible[0] || value > plausible[1] ? 'questionable' : 'valid')
  })

  it.each([
    ['heart-rate', 0, 'questionable'],
    ['heart-rate', -1, 'impossible'],
    ['heart-rate', 999, 'impossible'],
    ['heart-rate', 350, 'questionable'],
    ['spo2', 0, 'impossible'],
    ['spo2', -1, 'impossible'],
    ['spo2', 999, 'impossible'],
    ['spo2', 101, 'impossible'],
    ['respiratory-rate', 0, 'questionable'],
    ['respiratory-rate', 999, 'impossible'],
    ['temperature', 0, 'impossible'],
    ['temperature', -1, 'impossible'],
    ['temperature', 99.9, 'impossible'],
    ['nibp-systolic', 0, 'impossible'],
    ['nibp-systolic', 999, 'impossible'],
    ['glucose', 0, 'impossible'],
    ['glucose', 999, 'questionable'],
    ['steps', 0, 'valid'],
    ['steps', -1, 'impossible'],
    ['battery', 0, 'valid'],
  ] as const)('%s of %d is %s', (name, value, expected) => {
    expect(entered(name, value)).toBe(expected)
  })

  it.each(numbers)('%s that is not a number, or endless, does not get in', name => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(['impossible', 'pack-senml', 'wrong-value', 'pack-syntax']).toContain(entered(name, value))
    }
  })

  it('refuses a blank value, an unknown name and an unknown unit, each with its reason', () => {
    const bench = new QualityBench()
    bench.raw(1, { n: 'heart-rate', u: '/min', vs: 'x' }, { n: 'happiness', u: '1', v: 3 }, { n: 'temperature', u: 'degRe', v: 30 })
    bench.release()
    expect(bench.reports()[0]?.rules).toEqual({ 'refused/wrong-value': 1, 'refused/unknown-name': 1, 'refused/unknown-unit': 1 })
  })
})

describe('an impossible value', () => {
  it('reaches no measurement, no score and no alert, is counted by rule and device, and its bytes are as they came', () => {
    const bench = new QualityBench()
    bench.values(1, { 'heart-rate': 70, spo2: 97, temperature: 37, 'respiratory-rate': 15, 'nibp-systolic': 120 })
    for (let second = 2; second < 40; second++) bench.values(second, { 'heart-rate': 999, spo2: 0 })
    const payloads = bench.records.map(record => (record.type === 'message' ? Buffer.from(record.payload).toString('hex') : ''))
    bench.release()
    expect(bench.measurements('heart-rate').map(event => event.body.value)).toEqual([70])
    expect(bench.measurements('spo2').map(event => event.body.value)).toEqual([97])
    const scored = bench.sink.events.filter(event => event.type === 'score').flatMap(event => event.body.items as { value: unknown }[])
    expect(scored.length).toBeGreaterThan(0)
    expect(scored.some(item => item.value === 999 || item.value === 0)).toBe(false)
    const raised = bench.sink.events.filter(event => event.type === 'condition' && event.body.kind === 'physiological')
    expect(raised).toEqual([])
    const [hour] = bench.reports()
    expect(hour?.rules).toEqual({ 'refused/impossible': 76 })
    expect(hour?.values).toEqual({ accepted: 5, refused: 76, flagged: 0 })
    expect(bench.sink.events.find(event => event.type === 'quality-report')).toMatchObject({ device: 'device', patient: 'p-1' })
    expect(bench.records.slice(0, -1).map(r => (r.type === 'message' ? Buffer.from(r.payload).toString('hex') : ''))).toEqual(payloads)
  })
})

describe('a value that changes too fast', () => {
  const course = (...values: readonly number[]): string[] => {
    const bench = new QualityBench()
    for (const [k, value] of values.entries()) bench.values(k + 1, { spo2: value })
    return bench.measurements('spo2').map(event => String(flagOf(event.body)))
  }

  it('is flagged with the reason, counted, still measured and scored; a lone spike casts no doubt on what follows', () => {
    expect(course(98, 97, 60, 97, 96)).toEqual(['null', 'null', 'rate-of-change', 'null', 'null'])
  })

  it('is believed when it comes twice about the same', () => {
    expect(course(98, 70, 70, 69)).toEqual(['null', 'rate-of-change', 'null', 'null'])
  })

  it('lies just beyond the step and the rate of the catalogue', () => {
    const { step, perMinute } = catalogue.spo2.change!
    const most = step + perMinute / 60
    expect(course(98, 98 - most)).toEqual(['null', 'null'])
    expect(course(98, 98 - most - 0.01)).toEqual(['null', 'rate-of-change'])
  })

  it('opens one issue from the fifth within an hour on', () => {
    const bench = new QualityBench()
    for (let k = 0; k < 14; k++) bench.values(k + 1, { spo2: k % 2 === 0 ? 98 : 60 + k })
    const issues = bench.issues()
    expect(issues).toHaveLength(1)
    expect(issues[0]).toMatchObject({ rule: 'rate-of-change', effect: 'flagged', state: 'open', evidence: { stream: 'n' } })
    bench.release()
    expect(bench.reports()[0]?.rules['flagged/rate-of-change']).toBe(7)
  })
})

describe('the table of rules', () => {
  it('has every reason of the wire once, and no rule twice', () => {
    const keys = qualityRules.map(({ effect, id }) => ruleKey(effect, id))
    expect(new Set(keys).size).toBe(keys.length)
    for (const id of Object.keys({ ...refusalReasons, ...recordReasons })) expect(keys).toContain(`refused/${id}`)
  })
})

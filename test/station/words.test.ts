import { describe, expect, it } from 'vitest'
import type { WardScore, WardVital } from '../../src/station/src/feed/ward-types.js'
import { groupAlerts, sortPatients, stateWords } from '../../src/station/src/ward/alert-groups.js'
import { chooseWaves } from '../../src/station/src/ward/choose-waves.js'
import { evidenceRange, evidenceStrip, newestSample } from '../../src/station/src/ward/evidence.js'
import { vitalSlots } from '../../src/station/src/ward/vital-slots.js'
import { printAge, printClock } from '../../src/station/src/words/age.js'
import { describeNews2 } from '../../src/station/src/words/news2-words.js'
import { printReason } from '../../src/station/src/words/reasons.js'
import { printValue } from '../../src/station/src/words/vital-format.js'
import { alertOf, patientOf, second, start } from './feed-samples.js'

function vitalOf(change: Partial<WardVital>): WardVital {
  return {
    name: 'heart-rate',
    value: 60,
    unit: '/min',
    quality: 1,
    status: 'valid',
    reason: null,
    stream: 'ecg',
    t: start,
    at: start,
    ...change,
  }
}

function scoreOf(change: Partial<WardScore>): WardScore {
  return {
    score: 'news2',
    total: 3,
    complete: true,
    band: 'low',
    items: [],
    missing: [],
    stale: [],
    refused: null,
    t: start,
    at: start,
    ...change,
  }
}

describe('numbers', () => {
  it('are rounded with halves away from zero, and a dash stands for what is not measurable', () => {
    expect(printValue('heart-rate', 60.5)).toBe('61')
    expect(printValue('temperature', 36.75)).toBe('36.8')
    expect(printValue('heart-rate', -0.4)).toBe('0')
    expect(printValue('spo2', null)).toBe('—')
    expect(printValue('spo2', Number.NaN)).toBe('—')
  })

  it('say in words why there is none', () => {
    const slot = vitalSlots([vitalOf({ value: null, status: 'invalid', reason: 'too-few-beats' })], start)[0]!
    expect(slot).toMatchObject({ text: '—', measurable: false, remark: 'not measurable: too few beats' })
    expect(printReason('inhibited:lead-off')).toBe('because of lead off')
  })

  it('are stale each by the validity of its own vital sign', () => {
    const vitals = [vitalOf({}), vitalOf({ name: 'temperature', value: 36.6, unit: 'Cel' })]
    const [rate, temperature] = vitalSlots(vitals, start + 16 * second)
    expect(rate).toMatchObject({ stale: true, remark: 'too old', ageSeconds: 16 })
    expect(temperature).toMatchObject({ stale: false, remark: '', unit: '°C' })
  })

  it('take of two streams the one that has a fresh number', () => {
    const vitals = [vitalOf({ value: null, reason: 'noise' }), vitalOf({ stream: 'n', value: 71, quality: 0.5 })]
    expect(vitalSlots(vitals, start)[0]).toMatchObject({ text: '71', stream: 'n', quality: 'fair' })
  })

  it('show cuff pressure as one number with the age of its oldest part', () => {
    const vitals = [
      vitalOf({ name: 'nibp-systolic', value: 121, unit: 'mm[Hg]', at: start - 60 * second }),
      vitalOf({ name: 'nibp-diastolic', value: 79, unit: 'mm[Hg]' }),
      vitalOf({ name: 'nibp-mean', value: 93, unit: 'mm[Hg]', at: start - 30 * second }),
    ]
    expect(vitalSlots(vitals, start)).toMatchObject([{ name: 'nibp', text: '121/79 (93)', unit: 'mmHg', ageSeconds: 60 }])
  })

  it('have ages as people say them', () => {
    expect([7.9, 61, 3 * 3600 + 300, 3 * 86_400].map(printAge)).toEqual(['7 s', '1 min', '3 h 05 min', '3 d'])
    expect([7000, 750_000].map(printClock)).toEqual(['00:07', '12:30'])
  })
})

describe('NEWS2 on the page', () => {
  it('is a number with its band when complete', () => {
    expect(describeNews2(scoreOf({ total: 5, band: 'medium' }))).toEqual({ figure: '5', detail: 'risk medium: urgent', complete: true })
  })

  it('is "at least" with the missing items named when partial', () => {
    const words = describeNews2(scoreOf({ complete: false, band: null, missing: ['temperature'], stale: ['spo2'] }))
    expect(words).toEqual({ figure: 'at least 3', detail: 'missing: temperature, oxygen saturation (too old)', complete: false })
  })

  it('is a dash when nothing is measured or the score is refused, never 0', () => {
    expect(describeNews2(scoreOf({ total: null, complete: false, missing: ['spo2'] })).figure).toBe('—')
    expect(describeNews2(scoreOf({ total: null, complete: false, refused: 'pregnant' }))).toMatchObject({
      figure: '—',
      detail: 'not in pregnancy',
    })
    expect(describeNews2(null).figure).toBe('—')
  })
})

describe('alerts on the page', () => {
  it('stand by priority with the technical ones apart, unacknowledged first, pending ones not at all', () => {
    const acknowledged = { by: 'a', at: start, note: '' }
    const alerts = [
      alertOf({ id: 'seen', acknowledged, onsetAt: start + 9 }),
      alertOf({ id: 'high' }),
      alertOf({ id: 'lead', kind: 'technical', priority: 'high' }),
      alertOf({ id: 'wait', state: 'pending' }),
      alertOf({ id: 'low', priority: 'low' }),
    ]
    const groups = groupAlerts([patientOf({ alerts })])
    expect(groups.high.map(alert => alert.id)).toEqual(['high', 'seen'])
    expect(groups.technical.map(alert => alert.id)).toEqual(['lead'])
    expect(groups.low.map(alert => alert.id)).toEqual(['low'])
    expect(groups.medium).toEqual([])
  })

  it('order the tiles by urgency, then by name', () => {
    const ward = [
      patientOf({ id: 'b' }),
      patientOf({ id: 'a' }),
      patientOf({ id: 'd', alerts: [alertOf({ priority: 'medium' })] }),
      patientOf({ id: 'c', alerts: [alertOf({ acknowledged: { by: 'x', at: 1, note: '' } })] }),
      patientOf({ id: 'e', alerts: [alertOf()] }),
    ]
    expect(sortPatients(ward).map(patient => patient.id)).toEqual(['e', 'd', 'c', 'a', 'b'])
  })

  it('say their state in words', () => {
    expect(stateWords(alertOf({ state: 'latched' }))).toBe('over, not acknowledged')
    expect(stateWords(alertOf({ measurable: false }))).toBe('active, not measurable now')
  })

  it('have the samples that they rest on marked in patient time, with missing ones kept', () => {
    const evidence = { from: { stream: 'ecg', index: 500 }, to: { stream: 'ecg', index: 1500 } }
    const alert = alertOf({ evidence })
    const range = evidenceRange(alert)!
    expect(range).toEqual({ stream: 'ecg', from: start - 12 * second, to: start + 2 * second })
    const stretch = { boot: 1, unit: 'mV', fs: [250, 1] as const, start: 250, t: start - 5 * second, values: [0, null, 1] }
    const strip = evidenceStrip(alert, [
      { ...stretch, channel: 'V' },
      { ...stretch, channel: 'II' },
    ])!
    expect(strip.channel).toBe('II')
    expect(strip.marked).toEqual({ from: start - 4 * second, to: start })
    expect(strip.parts[0]!.values[1]).toBeNull()
    expect(newestSample([{ ...stretch, channel: 'II' }])).toBe(start - 5 * second + 12_000)
    expect(evidenceStrip(alert, [])).toBeNull()
    expect(evidenceRange(alertOf())).toBeNull()
  })
})

describe('the waves of a tile', () => {
  const stream = (id: string, kind: string, channels: string[]) => ({
    id,
    kind,
    channels,
    unit: 'mV',
    fs: [250, 1] as const,
    closed: false,
    lost: 0,
    quality: {},
  })
  const device = (streams: ReturnType<typeof stream>[]) => ({
    id: 'd',
    model: '',
    firmware: '',
    boot: 1,
    clock: null,
    link: 'ready' as const,
    linkAt: null,
    battery: null,
    streams,
  })

  it('are lead II and the pulse wave where there are both', () => {
    const chosen = chooseWaves([
      device([stream('resp', 'respiration', ['R']), stream('ppg', 'ppg', ['PLETH']), stream('ecg', 'ecg', ['V', 'II'])]),
    ])
    expect(chosen.map(wave => wave.channel)).toEqual(['II', 'PLETH'])
  })

  it('are two leads where there is only an ECG', () => {
    expect(chooseWaves([device([stream('ecg', 'ecg', ['V1', 'MLII'])])]).map(wave => wave.channel)).toEqual(['MLII', 'V1'])
  })
})

import type { RhythmName } from '../../signal/observation.js'
import type { AlertPriority, AlertRule, RuleInput, SignalCondition } from '../alert-rule.js'
import { sources } from './sources.js'

const contact: readonly SignalCondition[] = ['lead-off', 'sensor-off', 'no-data']
const patient = { kind: 'physiological', scope: 'patient', enabled: true, inhibitedBy: contact } as const

function vital(name: Extract<RuleInput, { kind: 'vital' }>['name']): RuleInput {
  return { kind: 'vital', name }
}

/** Rhythm, rates and saturation: rules on what streams measure continuously. */
const continuous: readonly AlertRule[] = [
  rhythm('asystole', 'high', true, 'No heartbeat found in the ECG for 4 s', sources.challenge2015),
  rhythm('ventricular-fibrillation', 'high', true, 'Fibrillatory waves in the ECG for 4 s', sources.challenge2015),
  rhythm('ventricular-tachycardia', 'high', true, 'Five or more ventricular beats in a row above 100 /min', sources.challenge2015),
  rhythm('atrial-fibrillation', 'low', false, 'Beats irregular without pattern for 30 s', sources.house),
  {
    ...patient,
    id: 'extreme-bradycardia',
    priority: 'high',
    input: vital('heart-rate'),
    side: 'below',
    limit: 40,
    clearLimit: 43,
    unit: '/min',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 5,
    latches: true,
    message: 'Heart rate {value} {unit}, below {limit} {unit}',
    citation: sources.challenge2015,
  },
  {
    ...patient,
    id: 'extreme-tachycardia',
    priority: 'high',
    input: vital('heart-rate'),
    side: 'above',
    limit: 140,
    clearLimit: 135,
    unit: '/min',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 5,
    latches: true,
    message: 'Heart rate {value} {unit}, above {limit} {unit}',
    citation: sources.challenge2015,
  },
  ...rate('heart-rate', 'Heart rate'),
  ...rate('pulse-rate', 'Pulse rate'),
  {
    ...patient,
    id: 'spo2-low',
    priority: 'medium',
    input: vital('spo2'),
    side: 'below',
    limit: 90,
    clearLimit: 92,
    unit: '%',
    onsetDelaySeconds: 10,
    clearDelaySeconds: 10,
    latches: false,
    message: 'SpO2 {value} {unit}, below {limit} {unit} for {onset} s',
    citation: `${sources.monitorDefaults}; ${sources.spo2Delay}`,
  },
  {
    ...patient,
    id: 'desaturation',
    priority: 'high',
    input: vital('spo2'),
    side: 'below',
    limit: 85,
    clearLimit: 87,
    unit: '%',
    onsetDelaySeconds: 3,
    clearDelaySeconds: 10,
    latches: true,
    message: 'SpO2 {value} {unit}, below {limit} {unit} for {onset} s',
    citation: sources.house,
  },
  {
    ...patient,
    id: 'apnea',
    priority: 'high',
    input: { kind: 'episode', episode: 'apnea' },
    side: null,
    limit: null,
    clearLimit: null,
    unit: '1',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 5,
    latches: true,
    message: 'No breath found in the respiration signal for 20 s',
    citation: sources.apnea,
  },
  {
    ...patient,
    id: 'fall',
    priority: 'high',
    input: { kind: 'episode', episode: 'fall' },
    side: null,
    limit: null,
    clearLimit: null,
    unit: '1',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 5,
    latches: true,
    message: 'Fall: a blow, and another posture for 8 s after it',
    citation: sources.fall,
  },
  {
    ...patient,
    id: 'respiratory-rate-low',
    priority: 'medium',
    input: vital('respiratory-rate'),
    side: 'at-most',
    limit: 8,
    clearLimit: 9,
    unit: '/min',
    onsetDelaySeconds: 15,
    clearDelaySeconds: 15,
    latches: false,
    message: 'Respiratory rate {value} {unit}, at or below {limit} {unit} for {onset} s',
    citation: sources.news2,
  },
  {
    ...patient,
    id: 'respiratory-rate-high',
    priority: 'medium',
    input: vital('respiratory-rate'),
    side: 'above',
    limit: 30,
    clearLimit: 28,
    unit: '/min',
    onsetDelaySeconds: 15,
    clearDelaySeconds: 15,
    latches: false,
    message: 'Respiratory rate {value} {unit}, above {limit} {unit} for {onset} s',
    citation: `${sources.house}; above the 3-point band (25 and more) of: ${sources.news2}`,
  },
]

function rhythm(id: RhythmName, priority: AlertPriority, latches: boolean, message: string, citation: string): AlertRule {
  return {
    ...patient,
    id,
    priority,
    input: { kind: 'rhythm', rhythm: id },
    side: null,
    limit: null,
    clearLimit: null,
    unit: '1',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 5,
    latches,
    message,
    citation,
  }
}

function rate(name: 'heart-rate' | 'pulse-rate', display: string): readonly AlertRule[] {
  const both = {
    ...patient,
    priority: 'medium',
    input: vital(name),
    unit: '/min',
    onsetDelaySeconds: 10,
    clearDelaySeconds: 10,
    latches: false,
    citation: sources.monitorDefaults,
  } as const
  const low = { id: `${name}-low`, side: 'below', limit: 50, clearLimit: 52 } as const
  const high = { id: `${name}-high`, side: 'above', limit: 120, clearLimit: 117 } as const
  return [
    { ...both, ...low, message: `${display} {value} {unit}, below {limit} {unit} for {onset} s` },
    { ...both, ...high, message: `${display} {value} {unit}, above {limit} {unit} for {onset} s` },
  ]
}

/** Rules on what is taken now and then: one reading is all there is, so nothing is waited for and silence explains nothing away. */
const spot: readonly AlertRule[] = [
  spotRule('temperature-low', 'temperature', 'Temperature', 'at-most', 35, 35.3, sources.news2),
  spotRule('temperature-high', 'temperature', 'Temperature', 'at-least', 39.1, 38.8, sources.news2),
  spotRule('nibp-systolic-low', 'nibp-systolic', 'Systolic pressure', 'at-most', 90, 95, sources.news2),
  spotRule('nibp-systolic-high', 'nibp-systolic', 'Systolic pressure', 'at-least', 220, 210, sources.news2),
]

function spotRule(
  id: string,
  name: 'temperature' | 'nibp-systolic',
  display: string,
  side: 'at-most' | 'at-least',
  limit: number,
  clearLimit: number,
  citation: string,
): AlertRule {
  const words = side === 'at-most' ? 'at or below' : 'at or above'
  const unit = name === 'temperature' ? 'Cel' : 'mm[Hg]'
  const delays = { onsetDelaySeconds: 0, clearDelaySeconds: 0, latches: false }
  const limits = { side, limit, clearLimit, unit, message: `${display} {value} {unit}, ${words} {limit} {unit}` }
  return { ...patient, inhibitedBy: [], ...delays, ...limits, id, priority: 'medium', input: vital(name), citation }
}

/** NEWS2's own triggers. A partial score raises them only when its lower bound does. */
const scores: readonly AlertRule[] = [
  scoreRule('news2-single-3', 'medium', 'single-3', null, 'NEWS2 has 3 points in one item'),
  scoreRule('news2-urgent', 'medium', 'total', 5, 'NEWS2 {value}, {limit} or more'),
  scoreRule('news2-emergency', 'high', 'total', 7, 'NEWS2 {value}, {limit} or more'),
]

function scoreRule(id: string, priority: 'high' | 'medium', part: 'total' | 'single-3', limit: number | null, message: string): AlertRule {
  return {
    ...patient,
    inhibitedBy: [],
    id,
    priority,
    input: { kind: 'score', score: 'news2', part },
    side: limit === null ? null : 'at-least',
    limit,
    clearLimit: limit,
    unit: '{score}',
    onsetDelaySeconds: 10,
    clearDelaySeconds: 60,
    latches: false,
    message,
    citation: `${sources.news2}; delays: ${sources.house}`,
  }
}

/** Readings of a sensor every few minutes: what lasts 15 min was so in three of them. */
const sensor = { ...patient, inhibitedBy: [], onsetDelaySeconds: 0, clearDelaySeconds: 0, latches: false, unit: 'mg/dL' } as const
const glucose: readonly AlertRule[] = [
  {
    ...sensor,
    id: 'glucose-very-low',
    priority: 'high',
    input: vital('glucose'),
    side: 'below',
    limit: 54,
    clearLimit: 70,
    latches: true,
    message: 'Glucose {value} {unit}, below {limit} {unit}',
    citation: sources.timeInRange,
  },
  {
    ...sensor,
    id: 'glucose-low',
    priority: 'medium',
    input: vital('glucose'),
    side: 'below',
    limit: 70,
    clearLimit: 75,
    onsetDelaySeconds: 900,
    message: 'Glucose {value} {unit}, below {limit} {unit} for 15 min',
    citation: sources.timeInRange,
  },
  {
    ...sensor,
    id: 'glucose-predicted-low',
    priority: 'medium',
    input: vital('glucose-predicted'),
    side: 'below',
    limit: 55,
    clearLimit: 70,
    message: 'Glucose {value} {unit} in 20 min by its course, below {limit} {unit}',
    citation: sources.house,
  },
  {
    ...sensor,
    id: 'glucose-high',
    priority: 'low',
    input: vital('glucose'),
    side: 'above',
    limit: 250,
    clearLimit: 240,
    onsetDelaySeconds: 900,
    message: 'Glucose {value} {unit}, above {limit} {unit} for 15 min',
    citation: sources.timeInRange,
  },
]

export const physiologicalRules: readonly AlertRule[] = [...continuous, ...spot, ...glucose, ...scores]

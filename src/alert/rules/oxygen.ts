import type { AlertRule } from '../alert-rule.js'
import { sources } from './sources.js'

/** Rules around SpO2 beside its lower limits: too much oxygen, and an oximeter that may say nothing. */
export const oxygenRules: readonly AlertRule[] = [
  {
    id: 'spo2-above-target',
    priority: 'medium',
    kind: 'physiological',
    scope: 'patient',
    input: { kind: 'vital', name: 'spo2' },
    onlyWhile: { name: 'supplemental-oxygen', is: true },
    side: 'above',
    limit: 98,
    clearLimit: 98,
    unit: '%',
    onsetDelaySeconds: 60,
    clearDelaySeconds: 30,
    latches: false,
    // Off unless a target has been prescribed.
    enabled: false,
    inhibitedBy: ['sensor-off', 'no-data'],
    message: 'SpO2 {value} {unit}, above {limit} {unit} for {onset} s on supplemental oxygen',
    citation: sources.oxygenTarget,
  },
  {
    id: 'oximeter-uncalibrated',
    priority: 'low',
    kind: 'technical',
    scope: 'patient',
    input: { kind: 'episode', episode: 'uncalibrated' },
    side: null,
    limit: null,
    clearLimit: null,
    unit: '1',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 3,
    latches: false,
    enabled: true,
    inhibitedBy: [],
    message: 'No SpO2: the calibration curve of the oximeter is unknown or out of date',
    citation: sources.house,
  },
]

import type { AlertRule, SignalCondition } from '../alert-rule.js'
import { sources } from './sources.js'

const technical = { kind: 'technical', enabled: true, inhibitedBy: [], latches: false, citation: sources.house } as const

/** What keeps a signal from being measured. They speak when the physiological rules cannot: unknown is not normal. */
export const technicalRules: readonly AlertRule[] = [
  signalRule('lead-off', 'medium', 5, 'ECG lead off for {onset} s'),
  signalRule('sensor-off', 'medium', 5, 'Sensor off for {onset} s'),
  signalRule('poor-signal', 'low', 30, 'Signal too poor to measure for {onset} s', 10),
  signalRule('no-data', 'medium', 0, 'No data from the stream', 0),
  {
    ...technical,
    id: 'low-battery',
    priority: 'low',
    scope: 'device',
    input: { kind: 'vital', name: 'battery' },
    side: 'below',
    limit: 20,
    clearLimit: 25,
    unit: '%',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 0,
    message: 'Battery {value} {unit}, below {limit} {unit}',
  },
]

function signalRule(
  signal: SignalCondition,
  priority: 'medium' | 'low',
  onsetDelaySeconds: number,
  message: string,
  clearDelaySeconds = 3,
): AlertRule {
  const limits = { side: null, limit: null, clearLimit: null, unit: '1' }
  const input = { kind: 'signal', signal } as const
  return { ...technical, ...limits, id: signal, priority, scope: 'stream', input, onsetDelaySeconds, clearDelaySeconds, message }
}

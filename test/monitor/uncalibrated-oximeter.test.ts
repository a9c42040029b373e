import { expect, test } from 'vitest'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import { unknownPatient } from '../../src/signal/patient.js'
import { simulateOximeter } from '../../src/simulate/oximeter/simulate-oximeter.js'

test('an oximeter with a curve that nobody knows gives pulses, no SpO2, and a technical alert', () => {
  const { spec, channels } = simulateOximeter({ seed: 7, seconds: 40, course: 'steady', motion: 'none' })
  const events: PatientEvent[] = []
  const monitor = new PatientMonitor({ attributes: unknownPatient, limits: {} }, event => events.push(event))
  const ref = { device: 'clip', boot: 1 }
  monitor.open(ref, [{ spec: { ...spec, calibration: 'nobody-knows' }, index: 0, patientTime: 0 }], null)
  for (let start = 0; start < channels[0].length; start += 500) {
    monitor.samples(ref, spec.id, { start, length: 500, flags: 0, channels: channels.map(channel => channel.subarray(start, start + 500)) })
  }
  const numbers = (name: string) => events.filter(({ type, body }) => type === 'measurement' && body.name === name)
  // Said once, not every second.
  expect(numbers('spo2').map(({ body }) => [body.value, body.reason])).toEqual([[null, 'calibration-unknown']])
  expect(numbers('pulse-rate').filter(({ body }) => body.value !== null).length).toBeGreaterThan(20)
  const alerts = events.filter(({ type, body }) => type === 'condition' && body.condition === 'oximeter-uncalibrated')
  expect(alerts.map(({ body }) => [body.from, body.to, body.kind, body.priority])).toEqual([['absent', 'active', 'technical', 'low']])
})

import { describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { pulseTrain, steadyPeaks } from '../ppg/synthetic-pulses.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

const ref = { device: 'd', boot: 1 }
const ecg: StreamSpec = { id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: 250, den: 1 } }
const ppg: StreamSpec = { id: 'ppg', kind: 'ppg', channels: ['a'], unit: 'adu', fs: { num: 100, den: 1 } }

function watch(): { monitor: PatientMonitor; said: PatientEvent[] } {
  const said: PatientEvent[] = []
  const monitor = new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, event => said.push(event))
  return { monitor, said }
}

function pushSeconds(monitor: PatientMonitor, spec: StreamSpec, samples: Float64Array, from: number, to: number): void {
  const fs = spec.fs.num
  for (let second = from; second < to; second++) {
    const channels = [samples.slice(second * fs, (second + 1) * fs)]
    monitor.samples(ref, spec.id, { start: second * fs, length: fs, flags: 0, channels })
  }
}

const phases = (said: readonly PatientEvent[], condition: string) =>
  said.flatMap(({ type, body }) =>
    type === 'condition' && body.condition === condition && body.cause === 'phase' ? [`${body.from} => ${body.to}`] : [],
  )

describe('patient monitor', () => {
  it('keeps asystole active over a silence of the stream: absent => active, nothing else', () => {
    const { monitor, said } = watch()
    monitor.open(ref, [{ spec: ecg, index: 0, patientTime: 0 }], null)
    const samples = syntheticEcg({ fs: 250, seconds: 60, beats: regularBeats(0.5, 0.8, 20) })
    pushSeconds(monitor, ecg, samples, 0, 30)
    monitor.silence(ref, 'ecg')
    const newest = () => said.findLast(({ body }) => body.condition === 'asystole')!.body
    expect(newest()).toMatchObject({ to: 'active', cause: 'measurable', measurable: false, reason: 'no-data' })
    pushSeconds(monitor, ecg, samples, 30, 60)
    expect(phases(said, 'asystole')).toEqual(['absent => active'])
    expect(newest()).toMatchObject({ cause: 'measurable', measurable: true })
  })

  it('keeps what one device has measured when another of the patient ends', () => {
    const { monitor, said } = watch()
    const cuff = { device: 'cuff', boot: 1 }
    const thermometer = { device: 'thermometer', boot: 1 }
    for (const device of [cuff, thermometer]) monitor.open(device, [], { deviceTime: 0, patientTime: 0 })
    const take = (device: typeof cuff, name: 'temperature' | 'nibp-systolic', value: number, t: number) =>
      monitor.numerics(device, [{ name, value, t, status: 'valid' }], t)
    take(cuff, 'nibp-systolic', 120, 1e6)
    take(thermometer, 'temperature', 36.6, 2e6)
    monitor.close(thermometer, 'n')
    take(cuff, 'nibp-systolic', 121, 40e6)
    const score = said.findLast(({ type }) => type === 'score')!.body as { items: { name: string; state: string }[] }
    expect(score.items.find(({ name }) => name === 'nibp-systolic')?.state).toBe('present')
    expect(score.items.find(({ name }) => name === 'temperature')?.state).toBe('missing')
  })

  it('says the same events in the same order after a restart between any two blocks', () => {
    const samples = {
      ppg: pulseTrain({ fs: 100, seconds: 40, peaks: steadyPeaks(200, 40), height: 30, level: 1000, noise: 0.3 }),
      ecg: syntheticEcg({ fs: 250, seconds: 40, beats: [...regularBeats(0.4, 0.8, 15), ...regularBeats(15.2, 0.5, 40)] }),
    }
    // Without a delay the alert comes with the reading that moves the score, from another reader of the same stream.
    const limits = { 'heart-rate-high': { limit: 110, clearLimit: 100, onsetDelaySeconds: 0 } }
    const run = (restarts: boolean): PatientEvent[] => {
      const said: PatientEvent[] = []
      const create = () => new PatientMonitor({ attributes: defaultOptions.attributes.all, limits }, event => said.push(event))
      let monitor = create()
      // The pulse wave first: it makes the score, which the ECG feeds after readers of its own.
      monitor.open(
        ref,
        [ppg, ecg].map(spec => ({ spec, index: 0, patientTime: 0 })),
        { deviceTime: 0, patientTime: 0 },
      )
      for (let second = 0; second < 40; second++) {
        monitor.numerics(ref, [{ name: 'temperature', value: 36.6, t: second * 1e6, status: 'valid' }], (second + 1) * 1e6)
        pushSeconds(monitor, ppg, samples.ppg, second, second + 1)
        pushSeconds(monitor, ecg, samples.ecg, second, second + 1)
        if (!restarts) continue
        const state = structuredClone(monitor.save())
        monitor = create()
        monitor.load(state)
      }
      return said
    }
    expect(phases(run(false), 'heart-rate-high')).toEqual(['absent => active'])
    expect(run(true)).toEqual(run(false))
  })
})

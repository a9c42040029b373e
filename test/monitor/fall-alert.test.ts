import { describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { wearer } from '../motion/wearer.js'

const ref = { device: 'belt', boot: 1 }
const fs = 50
const motion: StreamSpec = { id: 'acc', kind: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', fs: { num: fs, den: 1 } }
const light: StreamSpec = { id: 'ppg', kind: 'ppg', channels: ['green'], unit: '1', fs: { num: fs, den: 1 } }

function follow(streams: readonly StreamSpec[]): PatientEvent[] {
  const said: PatientEvent[] = []
  const monitor = new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, event => said.push(event))
  monitor.open(
    ref,
    streams.map(spec => ({ spec, index: 0, patientTime: 0 })),
    null,
  )
  const channels = wearer(fs, [
    { seconds: 12, gravity: [0, 1, 0], steps: 2, swing: 0.3 },
    { seconds: 30, gravity: [0.1, 0.05, 0.99], blow: 3 },
    { seconds: 20, gravity: [0, 1, 0] },
  ])
  for (let start = 0; start < channels[0]!.length; start += fs) {
    monitor.samples(ref, 'acc', { start, length: fs, flags: 0, channels: channels.map(axis => axis.slice(start, start + fs)) })
  }
  for (const { id } of streams) monitor.close(ref, id)
  return said
}

const phases = (said: readonly PatientEvent[]) =>
  said.flatMap(({ t, type, body }) =>
    type === 'condition' && body.condition === 'fall' && body.cause === 'phase' ? [[body.to, Math.round(t / 1e6)]] : [],
  )

describe('the alert on a fall', () => {
  it('is raised eight seconds after the blow and stays, latched, when the wearer is up again', () => {
    expect(phases(follow([motion]))).toEqual([
      ['active', 20],
      ['clearing', 47],
      ['latched', 52],
    ])
  })

  it('is not raised by a device with light, which sits at a limb; the fall is told', () => {
    const said = follow([light, motion])
    expect(phases(said)).toEqual([])
    expect(said.filter(({ type, body }) => type === 'episode' && body.episode === 'fall').map(({ body }) => body.on)).toEqual([true, false])
  })
})

import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { playRecording } from '../../src/replay/play-recording.js'
import { replayDevices } from '../../src/replay/replay-devices.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { ensureBuilt } from './built.js'
import { readLog, startBuilt, until } from './engine-run.js'

// Generous: seconds on an idle machine, minutes on a busy one.
describe('live device', { timeout: 300_000 }, () => {
  beforeAll(() => ensureBuilt(), 180_000)

  it('is placed in time by anchors, and when it falls silent its patient gets a technical alert, once', async () => {
    const engine = await startBuilt({ dataDir: temporaryFolder(), workers: 2 })
    onTestFinished(() => engine.stop())
    const source = makeSyntheticSource({ name: 'live-one', scenario: 'stable', seed: 5, durationSeconds: 12, onsetSeconds: 5 })
    const before = Date.now() * 1000
    const played = playRecording({ source, boot: 1, clock: 'monotonic', unfinished: true, chunkSeconds: 0.5 })
    const stop = new AbortController()
    const done = replayDevices([played], { url: engine.mqttUrl, speed: 1, signal: stop.signal, confirmSeconds: 1 })
    const noData = async () =>
      (await readLog(engine)).events.filter(e => e.type === 'condition' && e.body.condition === 'no-data' && e.body.to === 'active')
    await until('the alert', async () => (await noData()).length > 0, 40)
    stop.abort()
    await done
    const { events } = await readLog(engine)
    const birth = engine.devices()[0]!
    expect([birth.clock, birth.streams.length > 1]).toEqual(['monotonic', true])
    const anchors = events.filter(event => event.type === 'clock' && event.body.what === 'anchor')
    expect(new Set(anchors.map(event => event.stream)).size).toBeGreaterThanOrEqual(birth.streams.length)
    for (const anchor of anchors) {
      expect(anchor.body.patientTime).toBeGreaterThan(before - 1e6)
      expect(Math.abs((anchor.body.patientTime as number) - anchor.at)).toBeLessThan(3e6)
    }
    // Measured on the wall's time axis, while the device played.
    const rates = events.filter(event => event.type === 'measurement' && event.body.name === 'heart-rate' && event.body.value !== null)
    for (const rate of rates) expect(Math.abs(rate.t - rate.at)).toBeLessThan(10e6)
    expect(events.some(event => event.type === 'beat')).toBe(true)
    const streams = (await noData()).map(event => event.stream)
    expect(new Set(streams).size).toBe(streams.length)
    expect(engine.sessions()[0]!.state).toBe('opened')
  })
})

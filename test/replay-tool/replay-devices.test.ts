import { afterEach, describe, expect, it } from 'vitest'
import type { PlayedDevice } from '../../src/device/played-device.js'
import { playRecording } from '../../src/replay/play-recording.js'
import { type ReplayOptions, replayDevices } from '../../src/replay/replay-devices.js'
import { type SimulationOptions, simulatePatients } from '../../src/simulate/simulate-patients.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import { bootOf } from '../../src/wire/chunk.js'
import { decodeDeviceEvent } from '../../src/wire/device-event.js'
import { type Heard, SmallEngine } from './small-engine.js'

const engines: SmallEngine[] = []

async function startEngine(): Promise<SmallEngine> {
  const engine = new SmallEngine()
  engines.push(engine)
  await engine.start()
  return engine
}

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.kill()
})

function patient(seconds: number, boot = 7): PlayedDevice {
  const source = makeSyntheticSource({ name: 'P 1', scenario: 'lead-off', seed: 5, durationSeconds: seconds, onsetSeconds: 6 })
  return playRecording({ source, boot, session: 's' })
}

function simulated(options: Partial<SimulationOptions>): PlayedDevice[] {
  return simulatePatients({ patients: 1, scenario: 'stable', seed: 1, durationSeconds: 60, ...options }).map(({ played }) => played)
}

function play(engine: SmallEngine, devices: readonly PlayedDevice[], options: Partial<ReplayOptions> = {}) {
  return replayDevices(devices, { url: engine.url, speed: 'max', confirmSeconds: 3, ...options })
}

/** Log of a run that nothing disturbed. */
async function undisturbed(devices: readonly PlayedDevice[]): Promise<string[]> {
  const engine = await startEngine()
  await play(engine, devices)
  return engine.log(devices[0]!.device)
}

function states(engine: SmallEngine): string[] {
  return engine.heard
    .filter(({ topic }) => topic === 'state')
    .map(({ payload }) => (JSON.parse(new TextDecoder().decode(payload)) as { state: string }).state)
}

describe('replaying devices', () => {
  it('brings all in order, birth first, and takes the hash from the final high-water mark', async () => {
    const engine = await startEngine()
    const [result] = await play(engine, [patient(70)])
    expect(engine.heard[0]).toMatchObject({ device: 'p-1', topic: 'birth' })
    expect(result).toEqual({
      record: 'P 1',
      device: 'p-1',
      patient: null,
      eventHash: engine.hash('p-1'),
      eventCount: engine.log('p-1').length,
      outcome: 'closed',
    })
    expect(states(engine)).toEqual(['ready', 'disconnected'])
  })

  it('makes the same data at any speed', async () => {
    const slow = await startEngine()
    await play(slow, [patient(12)], { speed: 12 })
    expect(slow.log('p-1')).toEqual(await undisturbed([patient(12)]))
  })

  it('keeps to the time: nothing is sent before it is due', async () => {
    const engine = await startEngine()
    const begun = performance.now()
    const early: string[] = []
    engine.onHeard = ({ topic, stream, payload }) => {
      if (topic !== 'w' || stream !== 'ecg') return
      const seq = new DataView(payload.buffer).getUint32(12, true)
      // The device's time begins when it has connected, so after this: what is early here is early on any machine.
      if (performance.now() < begun + (seq + 1) * 100) early.push(`${seq} after ${performance.now() - begun} ms`)
    }
    await play(engine, simulated({ durationSeconds: 15 }), { speed: 10 })
    expect(early).toEqual([])
    expect(performance.now() - begun).toBeGreaterThan(1400)
  })

  it('loses nothing and doubles nothing when broker and engine are killed with acknowledged messages unsaved', async () => {
    const expected = await undisturbed([patient(120)])
    const engine = await startEngine()
    const kills = [40, 41, 260, 400]
    let count = 0
    let down: Promise<void> = Promise.resolve()
    engine.onHeard = ({ topic }) => {
      if (topic === 'birth' || topic === 'state') return
      count++
      if (count % 25 === 0) engine.save()
      if (count !== kills[0]) return
      kills.shift()
      down = down.then(() => engine.kill()).then(() => engine.start())
    }
    const [result] = await play(engine, [patient(120)], { confirmSeconds: 20 })
    await down
    expect(kills).toEqual([])
    expect(engine.log('p-1')).toEqual(expected)
    expect(result!.outcome).toBe('closed')
    expect(result!.eventHash).toBe(engine.hash('p-1'))
  })

  it('sends the birth again before anything else at each connect', async () => {
    const engine = await startEngine()
    let killed = false
    engine.onHeard = ({ stream }) => {
      if (killed || stream !== 'ppg') return
      killed = true
      engine.save()
      engine.heard.length = 0
      void engine.kill().then(() => engine.start())
    }
    await play(engine, [patient(60)], { confirmSeconds: 20 })
    // What was still in the sockets of the killed broker does not count.
    const again = engine.heard.findIndex(({ topic }) => topic === 'birth')
    expect(again).toBeGreaterThanOrEqual(0)
    expect(engine.heard.slice(again + 1).some(({ topic }) => topic === 'w')).toBe(true)
  })

  it('answers rebirth with the birth and resend with the very bytes, and leaves unknown commands alone', async () => {
    const engine = await startEngine()
    let asked = false
    let answersFrom = 0
    engine.onHeard = ({ topic, stream, payload }) => {
      if (asked || topic !== 'w' || stream !== 'ecg' || new DataView(payload.buffer).getUint32(12, true) < 9) return
      asked = true
      answersFrom = engine.heard.length
      engine.command('p-1', { id: 'x', cmd: 'dance' } as never)
      engine.command('p-1', { id: 'a', cmd: 'rebirth' })
      engine.command('p-1', { id: 'b', cmd: 'resend', stream: 'ecg', from: 3, to: 4 })
      engine.command('p-1', { id: 'c', cmd: 'resend', stream: 'n', from: 0, to: 0 })
      engine.command('p-1', { id: 'd', cmd: 'resend', stream: 'nothing', from: 5, to: 6 })
    }
    const [result] = await play(engine, [patient(60)], { speed: 40 })
    expect(result!.outcome).toBe('closed')
    const chunks = (list: readonly Heard[]) => list.filter(({ topic, stream }) => topic === 'w' && stream === 'ecg')
    const first = chunks(engine.heard.slice(0, answersFrom))
    const later = engine.heard.slice(answersFrom)
    const seqOf = ({ payload }: Heard) => new DataView(payload.buffer).getUint32(12, true)
    expect(later.filter(({ topic }) => topic === 'birth').length).toBe(1)
    const again = chunks(later).filter(heard => seqOf(heard) === 3 || seqOf(heard) === 4)
    expect(again.map(({ payload }) => payload)).toEqual([first[3]!.payload, first[4]!.payload])
    expect(later.filter(({ payload }) => new TextDecoder().decode(payload).includes('"7:0"')).length).toBe(1)
    const events = later.filter(({ topic }) => topic === 'e').map(({ payload }) => decodeDeviceEvent(payload))
    const failures = events.filter(read => 'ok' in read && read.ok.event.event === 'resend-failed')
    expect(failures).toMatchObject([{ ok: { boot: 7, id: 'd', from: 5, to: 6, event: { stream: 'nothing' } } }])
    // One count of events for the boot, whoever speaks.
    expect(new Set(events.map(read => ('ok' in read ? read.ok.seq : -1))).size).toBe(events.length)
  })

  it('asks an engine that it has left far behind for its mark, and waits for it', async () => {
    const engine = await startEngine()
    engine.ticking = false
    const [result] = await play(engine, [patient(400)])
    expect(result!.outcome).toBe('closed')
    const births = engine.heard.flatMap(({ topic }, i) => (topic === 'birth' ? [i] : []))
    expect(births.length).toBeGreaterThan(3)
    const between = [...births, engine.heard.length].slice(1).map((at, k) => at - births[k]!)
    expect(Math.max(...between)).toBeLessThanOrEqual(320)
  })

  it('is done when a live clock has nothing more to say and the engine has it all', async () => {
    const engine = await startEngine()
    const [result] = await play(engine, simulated({ durationSeconds: 20, clock: 'monotonic' }), { speed: 20 })
    expect(['kept', 'closed']).toContain(result!.outcome)
  })

  it('says what it could not do when the engine never answers', async () => {
    const engine = await startEngine()
    engine.answering = false
    const [result] = await play(engine, [patient(10)], { confirmSeconds: 0.5 })
    expect(result).toMatchObject({ outcome: 'unconfirmed', eventHash: null, eventCount: null })
  })

  it('leaves with the state disconnected when it is stopped', async () => {
    const engine = await startEngine()
    const stop = new AbortController()
    engine.onHeard = ({ stream }) => {
      if (stream === 'ecg') stop.abort()
    }
    const [result] = await play(engine, simulated({ durationSeconds: Number.POSITIVE_INFINITY }), { speed: 10, signal: stop.signal })
    expect(result).toMatchObject({ outcome: 'stopped', eventHash: null })
    expect(states(engine)).toEqual(['ready', 'disconnected'])
  })

  it('stops at once though the broker acknowledges nothing', async () => {
    const engine = await startEngine()
    engine.acknowledging = false
    const stop = new AbortController()
    let chunks = 0
    let stoppedAt = Number.POSITIVE_INFINITY
    engine.onHeard = ({ topic }) => {
      if (topic !== 'w' || ++chunks !== 60) return
      stoppedAt = performance.now()
      // Some more fill the window meanwhile, so that the next one waits for room.
      setTimeout(() => stop.abort(), 500)
    }
    const [result] = await play(engine, simulated({ durationSeconds: 600 }), { signal: stop.signal })
    expect(result).toMatchObject({ outcome: 'stopped' })
    expect(performance.now() - stoppedAt).toBeLessThan(20_000)
    expect(states(engine)).toEqual(['ready', 'disconnected'])
  })

  it('plays round after round under growing boots until it is stopped', async () => {
    const engine = await startEngine()
    const stop = new AbortController()
    const hashes: (string | null)[] = []
    await play(engine, [patient(10)], {
      loop: true,
      signal: stop.signal,
      onResult: ({ outcome, eventHash }) => {
        if (outcome === 'closed') hashes.push(eventHash)
        if (hashes.length === 3) stop.abort()
      },
    })
    expect(hashes.length).toBe(3)
    const boots = engine.heard.filter(({ topic }) => topic === 'w').map(({ payload }) => bootOf(payload))
    expect([...new Set(boots)]).toEqual([7, 8, 9])
  })

  it('names the broker that cannot be reached, without its password', async () => {
    const engine = await startEngine()
    const url = engine.url.replace('mqtt://', 'mqtt://me:secret@')
    await engine.kill()
    const failing = replayDevices([patient(10)], { url, patienceSeconds: 0.5 })
    await expect(failing).rejects.toMatchObject({ code: 'network-broker', exitCode: 3 })
    await expect(failing).rejects.toThrow(engine.url)
    await expect(failing).rejects.not.toThrow(/secret/)
    await expect(replayDevices([patient(10)], { url: 'http://x' })).rejects.toMatchObject({ code: 'usage-option' })
    await expect(replayDevices([patient(10), patient(10)], { url: engine.url })).rejects.toThrow(/p-1 is there twice/)
  })

  it('shows user and password, the device id being the user unless told otherwise, and gives up at once when refused', async () => {
    const engine = await startEngine()
    engine.credentials = { user: 'p-1', password: 'right' }
    const [result] = await play(engine, [patient(10)], { password: 'right' })
    expect(result!.outcome).toBe('closed')
    const begun = performance.now()
    await expect(play(engine, [patient(10)], { password: 'wrong', patienceSeconds: 30 })).rejects.toMatchObject({ code: 'network-broker' })
    await expect(play(engine, [patient(10)], { username: 'other', password: 'right' })).rejects.toThrow(/lets it in/)
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  it('plays a restart as two boots of one session, and the end of the link in between says lost', async () => {
    const engine = await startEngine()
    const [result] = await play(engine, simulated({ scenario: 'device-restart', durationSeconds: 60 }))
    expect(result!.outcome).toBe('closed')
    const births = engine.heard.filter(({ topic }) => topic === 'birth').map(({ payload }) => JSON.parse(new TextDecoder().decode(payload)))
    expect(births.map(({ boot }) => boot)).toEqual([1, 2])
    expect(births[1].session).toBe(births[0].session)
    expect(births[1].streams[0].t0).toBe(28_000_000)
    expect(states(engine)).toContain('lost')
  })

  it('plays a restart under the same boot with an equal birth and counts that begin again', async () => {
    const engine = await startEngine()
    const [result] = await play(engine, simulated({ scenario: 'device-restart-same-boot', durationSeconds: 60 }))
    expect(result!.outcome).not.toBe('unconfirmed')
    const births = engine.heard.filter(({ topic }) => topic === 'birth').map(({ payload }) => new TextDecoder().decode(payload))
    expect(births.length).toBe(2)
    expect(births[1]).toBe(births[0])
    // 20 s before, 32 s after; no position of the first life keeps anything of the second from being sent.
    const seqs = engine.heard
      .filter(({ stream }) => stream === 'ecg')
      .map(({ payload }) => new DataView(payload.buffer).getUint32(12, true))
    expect(seqs.filter((seq, i) => seqs.indexOf(seq) !== i).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, k) => k))
    expect(Math.max(...seqs)).toBe(31)
    expect(engine.log('sim-001').filter(line => line.includes('"implied":true')).length).toBe(1)
  })

  it('holds everything back during a loss of the link and sends the backlog in order after it', async () => {
    const engine = await startEngine()
    const at: { time: number; seq: number }[] = []
    const begun = performance.now()
    engine.onHeard = ({ stream, payload }) => {
      if (stream === 'ecg') at.push({ time: (performance.now() - begun) / 1000, seq: new DataView(payload.buffer).getUint32(12, true) })
    }
    const devices = simulated({ scenario: 'link-loss', durationSeconds: 90 })
    const [result] = await play(engine, devices, { speed: 20 })
    expect(result!.outcome).toBe('closed')
    const silences = at.map(({ time }, i) => time - (at[i - 1]?.time ?? time))
    // 36 s at speed 20.
    expect(Math.max(...silences)).toBeGreaterThan(1.5)
    expect(engine.log('sim-001')).toEqual(await undisturbed(simulated({ scenario: 'link-loss', durationSeconds: 90 })))
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import type { DeviceMessage } from '../../src/device/virtual-device.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import { RunningServer, scratchFolder } from '../support/running-server.js'
import { alertsOf, untilStored } from './alerts-of.js'
import { FeedListener } from './feed-listener.js'
import { RawDevice } from './raw-device.js'

const beatsOf = (events: readonly LoggedEvent[], patient: string) =>
  events.filter(event => event.type === 'beat' && event.patient === patient).map(({ body }) => (body.sample as { index: number }).index)

describe('a device that moves between patients while it streams', () => {
  const folder = scratchFolder('assignment')
  // The trouble begins at 20 s; a desaturation of the second patient begins after the device has come to that patient.
  const source = makeSyntheticSource({ name: 'mover', scenario: 'desaturation', seed: 4, durationSeconds: 200, onsetSeconds: 80 })
  const virtual = createVirtualDevice({ source, boot: 1 })
  let server: RunningServer
  let feed: FeedListener
  let device: RawDevice
  const messages: DeviceMessage[] = []

  const assign = async (patient: string | null): Promise<void> => {
    const body = JSON.stringify({ device: 'mover', patient, reason: 'test' })
    const response = await fetch(`${server.http}/api/v1/assignments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(response.status, await response.text()).toBe(201)
  }
  const send = async (from: number, to: number): Promise<void> => {
    for (const message of messages) if (message.time > from && message.time <= to) await device.send(message)
  }
  const ledger = async (): Promise<Record<string, number>> =>
    ((await server.get('/api/v1/health')) as { ledger: Record<string, number> }).ledger

  beforeAll(async () => {
    for await (const message of virtual.messages()) messages.push(message)
    server = await RunningServer.start(folder.path, { config: { assign: 'manual' }, args: ['--workers', '2'] })
    feed = await FeedListener.open(server)
    device = await RawDevice.connect(server.mqtt, virtual)
    await send(-1, 20)
  }, 60_000)
  afterAll(async () => {
    feed?.close()
    await device?.end()
    await server?.stop()
    folder.remove()
  })

  it('is kept and not scored as long as nobody has it', async () => {
    await untilStored(server)
    const counts = await ledger()
    expect(counts.stored).toBeGreaterThan(20 * 250)
    expect(counts.lost).toBe(0)
    expect(feed.events.filter(({ log }) => log === 'patient')).toEqual([])
    const health = (await server.get('/api/v1/health')) as { devices: number; patients: number }
    expect([health.devices, health.patients]).toEqual([1, 0])
    await expect(server.get('/api/v1/patients/first/alerts')).rejects.toThrow('404')
  })

  it('gives the samples of each stretch to the patient of that stretch, and to no other', async () => {
    await assign('first')
    await send(20, 60)
    await assign('second')
    await send(60, Number.POSITIVE_INFINITY)
    await feed.until('the end of the session', e => e.type === 'session' && e.patient === 'second' && e.body.state === 'closed', 20)
    await untilStored(server)
    const first = beatsOf(feed.events, 'first')
    const second = beatsOf(feed.events, 'second')
    expect(first.length).toBeGreaterThan(30)
    expect(second.length).toBeGreaterThan(100)
    expect(Math.min(...first)).toBeGreaterThanOrEqual(20 * 250)
    expect(Math.max(...first)).toBeLessThan(60 * 250)
    expect(Math.min(...second)).toBeGreaterThanOrEqual(60 * 250)
    // What the waveform routes read is divided in the same way.
    const spans = await Promise.all(
      ['first', 'second'].map(async patient => {
        const reply = (await server.get(`/api/v1/patients/${patient}/waveform?stream=ecg&from=0&to=3600000000`)) as {
          stretches: { channel: string; start: number; values: unknown[] }[]
        }
        const own = reply.stretches.filter(({ channel }) => channel === reply.stretches[0]?.channel)
        return [own[0]!.start, own.at(-1)!.start + own.at(-1)!.values.length]
      }),
    )
    expect(spans).toEqual([
      [20 * 250, 60 * 250],
      [60 * 250, 200 * 250],
    ])
  }, 60_000)

  it('raises the desaturation for the patient who has it', async () => {
    expect((await alertsOf(server, 'second')).map(({ condition }) => condition)).toContain('desaturation')
    expect((await alertsOf(server, 'first')).filter(({ kind }) => kind === 'physiological')).toEqual([])
  })

  it('balances the ledger over all hands, nothing lost and nothing twice', async () => {
    const { offered, stored, late, duplicate, rejected, held, lost } = await ledger()
    expect(offered).toBe(stored! + late! + duplicate! + rejected! + held! + lost!)
    expect([late, duplicate, rejected, held, lost]).toEqual([0, 0, 0, 0, 0])
    const samples = virtual.streams.reduce((sum, stream) => sum + stream.samples, 0)
    expect(stored).toBe(samples)
  })

  it('writes who moved it, when and why', async () => {
    const moves = feed.events.filter(({ type, device: id }) => type === 'assignment' && id === 'mover')
    expect(moves.map(({ body }) => body.patient)).toEqual(expect.arrayContaining(['first', 'second']))
    for (const { body } of moves.filter(({ body: own }) => own.patient !== null)) {
      expect(body).toMatchObject({ device: 'mover', reason: 'test' })
    }
    const { assignments } = (await server.get('/api/v1/assignments')) as { assignments: { patient: string; to: number | null }[] }
    expect(assignments.map(({ patient, to }) => [patient, to === null])).toEqual([
      ['first', false],
      ['second', true],
    ])
  })
})

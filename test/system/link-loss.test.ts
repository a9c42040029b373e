import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import type { DeviceMessage, VirtualDevice } from '../../src/device/virtual-device.js'
import { replayDevices } from '../../src/replay/replay-devices.js'
import type { FeedEvent } from '../../src/server/feed-protocol.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import { RunningServer, runCommand, scratchFolder } from '../support/running-server.js'
import { alertsOf, patientsOf, untilStored } from './alerts-of.js'
import { FeedListener } from './feed-listener.js'
import { RawDevice } from './raw-device.js'

async function messagesOf(virtual: VirtualDevice): Promise<DeviceMessage[]> {
  const messages: DeviceMessage[] = []
  for await (const message of virtual.messages()) messages.push(message)
  return messages
}

const ledgerBalances = async (server: RunningServer): Promise<Record<string, number>> => {
  const { ledger } = (await server.get('/api/v1/health')) as { ledger: Record<string, number> }
  const { offered, stored, late, duplicate, rejected, held, lost } = ledger as Record<string, number>
  expect(offered).toBe(stored! + late! + duplicate! + rejected! + held! + lost!)
  return ledger
}

describe('what a broken link and a restart leave', () => {
  const folder = scratchFolder('link-loss')
  let server: RunningServer
  let feed: FeedListener

  beforeAll(async () => {
    server = await RunningServer.start(folder.path)
    feed = await FeedListener.open(server)
  })
  afterAll(async () => {
    feed?.close()
    await server?.stop()
    folder.remove()
  })

  /** A device with a clock of its own goes at the pace of the wall: both runs at once. */
  describe('of live devices', () => {
    let lossPatient = ''
    let began = 0
    const restarting = simulatePatients({
      patients: 1,
      scenario: 'device-restart-same-boot',
      seed: 6,
      durationSeconds: 60,
      prefix: 'restarting',
      clock: 'monotonic',
    })[0]!

    beforeAll(async () => {
      began = Date.now() * 1000
      const simulate = ['simulate', '--scenario', 'link-loss', '--seed', '3', '--duration', '70', '--live', '--speed', '1', '--json']
      const [loss] = await Promise.all([
        runCommand([...simulate, '--broker', server.mqtt], { timeoutMs: 150_000 }),
        replayDevices([restarting.played], { url: server.mqtt, speed: 1 }),
      ])
      expect(loss.code, loss.stderr + server.stderr).toBe(0)
      lossPatient = (await patientsOf(server)).get('sim-001') ?? ''
      await untilStored(server)
    }, 160_000)

    it('goes on monitoring a device that restarts under the same boot: an implied boot, beats, and nothing of high priority', async () => {
      const { device } = restarting.played
      const patient = (await patientsOf(server)).get(device) ?? ''
      const implied = feed.events.filter(event => event.type === 'boot' && event.device === device && event.body.implied === true)
      expect(implied.length).toBe(1)
      const after = feed.events.filter(event => event.type === 'beat' && event.device === device && event.at > implied[0]!.at)
      // From 28 s to 60 s, but for what it takes to notice the restart and to learn anew.
      const truth = restarting.source.truth.beats(28, 60).length
      expect(after.length).toBeGreaterThan(truth - 10)
      expect(after.length).toBeLessThanOrEqual(truth)
      expect((await alertsOf(server, patient)).filter(({ priority }) => priority === 'high')).toEqual([])
      const view = (await server.get(`/api/v1/patients/${patient}`)) as { vitals: { name: string; value: number | null }[] }
      const rate = view.vitals.find(({ name }) => name === 'heart-rate')?.value ?? 0
      expect(Math.abs(rate - restarting.source.truth.heartRate(55))).toBeLessThan(5)
    })

    it('raises the asystole inside a backlog of 36 s, marked delayed in the feed and in the store', async () => {
      const [asystole] = feed.active(lossPatient, 'asystole')
      expect(asystole).toBeDefined()
      const event = feed.conditions(lossPatient, 'asystole').find(({ body }) => body.to === 'active') as FeedEvent
      expect(event.delayed).toBe(true)
      // From 30 s to 44 s the heart stands still; the link came back at 56 s: the alert is at least twelve seconds old.
      expect((event.at - event.t) / 1e6).toBeGreaterThan(12)
      expect((event.at - event.t) / 1e6).toBeLessThan(40)
      expect((event.t - began) / 1e6).toBeGreaterThan(30)
      const stored = (await alertsOf(server, lossPatient)).find(({ condition }) => condition === 'asystole')
      expect(stored).toMatchObject({ priority: 'high', delayed: true })
      expect(stored?.evidence).not.toBeNull()
    })

    it('says that there was no data while the link was down, and that it came back', () => {
      const path = feed.conditions(lossPatient, 'no-data').filter(({ stream }) => stream === 'ecg')
      expect(path.map(({ body }) => body.to).slice(0, 3)).toEqual(['active', 'clearing', 'absent'])
    })

    it('loses nothing of the backlog', async () => {
      const ledger = await ledgerBalances(server)
      expect(ledger.lost).toBe(0)
      expect(ledger.late).toBe(0)
    })
  })

  it('goes on monitoring a device that restarts under the same boot, and raises its asystole after the restart', async () => {
    // Asystole at 40 s of the second life; chunks are sent as fast as they go, as a backlog is.
    const source = (name: string, scenario: 'stable' | 'asystole') =>
      makeSyntheticSource({ name, scenario, seed: scenario === 'stable' ? 5 : 6, durationSeconds: 70, onsetSeconds: 40 })
    const make = (scenario: 'stable' | 'asystole') =>
      createVirtualDevice({ source: source('restarter', scenario), boot: 7, unfinished: true })
    const first = make('stable')
    const device = await RawDevice.connect(server.mqtt, first)
    for (const message of await messagesOf(first)) await device.send(message)
    await device.cut()
    const second = make('asystole')
    expect(Buffer.from(second.birth()).equals(Buffer.from(first.birth()))).toBe(true)
    const again = await RawDevice.connect(server.mqtt, second)
    for (const message of await messagesOf(second)) await again.send(message)
    const patient = (await patientsOf(server)).get('restarter') ?? ''
    const implied = await feed.until(
      'the implied boot',
      event => event.type === 'boot' && event.device === 'restarter' && event.body.implied === true,
      20,
    )
    expect(implied.body).toMatchObject({ boot: 7 })
    await feed.until(
      'the asystole',
      event => event.patient === patient && event.body.condition === 'asystole' && event.body.to === 'active',
      20,
    )
    await again.end()
    const lastBeat = source('restarter', 'asystole').truth.beats(0, 68).at(-1)!.time
    const ofLast = (event: FeedEvent) =>
      event.device === 'restarter' && event.type === 'beat' && (event.body.sample as { index: number }).index > (lastBeat - 0.1) * 250
    await feed.until('the last beats of both lives', event => ofLast(event) && feed.events.filter(ofLast).length >= 2, 20)
    const beats = feed.events.filter(event => event.type === 'beat' && event.patient === patient)
    const truth = (['stable', 'asystole'] as const).reduce((sum, life) => sum + source('restarter', life).truth.beats(0, 69).length, 0)
    // Two chunks are spent on noticing the restart, and the detector learns anew.
    expect(beats.length).toBeGreaterThan(truth - 12)
    expect(beats.length).toBeLessThanOrEqual(truth + 2)
    await ledgerBalances(server)
  }, 60_000)

  it('raises no alert from chunks that fill a released gap, but finds the asystole in them', async () => {
    const source = makeSyntheticSource({ name: 'gap-filler', scenario: 'asystole', seed: 2, durationSeconds: 100, onsetSeconds: 50 })
    const virtual = createVirtualDevice({ source, boot: 1, unfinished: true })
    const messages = await messagesOf(virtual)
    const device = await RawDevice.connect(server.mqtt, virtual, { refuseResend: true })
    // From 30 s to 75 s of the ECG nothing arrives, and the device says that it cannot send it again.
    const withheld = (message: DeviceMessage) => message.topic === 'w' && message.stream === 'ecg' && message.seq >= 30 && message.seq < 75
    for (const message of messages) if (!withheld(message) && message.topic !== 'e') await device.send(message)
    const lost = await feed.until('the gap', event => event.type === 'lost' && event.device === 'gap-filler', 30)
    expect(lost.body).toMatchObject({ stream: 'ecg', index: 30 * 250, count: 45 * 250, reason: 'transit' })
    for (const message of messages) if (withheld(message)) await device.send(message)
    const found = await feed.until(
      'the review of what came late',
      event =>
        event.type === 'late' &&
        event.device === 'gap-filler' &&
        (event.body.found as { what: string }[]).some(({ what }) => what === 'asystole'),
      30,
    )
    const [finding] = found.body.found as { what: string; index: number }[]
    const lastBeat = source.truth.beats(0, 50).at(-1)!.time
    expect(Math.abs(finding!.index / 250 - lastBeat)).toBeLessThan(4.1)
    const patient = (await patientsOf(server)).get('gap-filler') ?? ''
    expect(feed.conditions(patient, 'asystole')).toEqual([])
    await untilStored(server)
    expect((await alertsOf(server, patient)).map(({ condition }) => condition)).not.toContain('asystole')
    const ledger = await ledgerBalances(server)
    expect(ledger.late).toBe(45 * 250)
    await device.end()
  }, 60_000)
})

import { describe, expect, it } from 'vitest'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { closedSession, recordsOf, runRecords } from '../support/partition-run.js'
import { highAlerts, onsetSeconds, pathOf, runScenario, times, transitionsOf } from './run-scenario.js'

/** What is true from `from` on, second by second; the first second at which it is. */
function firstSecond(from: number, isTrue: (second: number) => boolean): number {
  for (let second = from; second < from + 3600; second++) if (isTrue(second)) return second
  throw new Error('it never is')
}

/** Seconds by which the simulated oximeter's number lags behind the blood (simulate/vital-numbers.ts). */
const oximeterLag = 4

describe('scenarios, from the start of the device to the alert', () => {
  it('stable: absent', async () => {
    const run = await runScenario('stable', 300)
    expect(run.transitions.filter(({ to }) => to === 'active')).toEqual([])
    expect(run.events.filter(({ type }) => type === 'beat').length).toBe(run.truth.beats(0, 299.5).length)
  })

  it('desaturation: absent => pending => active => clearing => latched', async () => {
    const run = await runScenario('desaturation', 300)
    expect(pathOf(run, 'desaturation')).toBe('absent => pending => active => clearing => latched')
    const seen = (second: number) => run.truth.saturation(second - oximeterLag)
    // The ramps are half a per cent a second and the oximeter's noise is 0.3 %: two seconds either way.
    const below = firstSecond(onsetSeconds, second => Math.round(seen(second)) < 85)
    expect(Math.abs(times(run, 'desaturation', 'active')[0]! - (below + 3))).toBeLessThanOrEqual(2)
    const back = firstSecond(below + 60, second => Math.round(seen(second)) >= 87)
    expect(Math.abs(times(run, 'desaturation', 'clearing')[0]! - back)).toBeLessThanOrEqual(2)
    expect(highAlerts(run)).toEqual(['desaturation'])
  })

  it('sepsis drift: NEWS2 emergency absent => pending => active, before pressure falls below 90', async () => {
    const run = await runScenario('sepsis-drift', 2400)
    expect(pathOf(run, 'news2-emergency')).toBe('absent => pending => active')
    expect(highAlerts(run)).toEqual(['news2-emergency'])
    const [emergency] = times(run, 'news2-emergency', 'active')
    const [urgent] = times(run, 'news2-urgent', 'active')
    const [pressure] = times(run, 'nibp-systolic-low', 'active')
    expect(urgent).toBeGreaterThan(onsetSeconds + 300)
    expect(urgent).toBeLessThan(emergency!)
    expect(emergency).toBeLessThan(pressure!)
  })

  it('AF at 118 /min: nothing of high priority; atrial fibrillation and rate alerts only while it lasts', async () => {
    const run = await runScenario('af', 400)
    expect(highAlerts(run)).toEqual([])
    const [episode] = run.truth.labels(0, 400)
    for (const { t, condition } of run.transitions.filter(({ to }) => to === 'active')) {
      expect(condition).toMatch(/^atrial-fibrillation$|^(heart|pulse)-rate-high$|^news2/)
      expect(t).toBeGreaterThan(episode!.from)
      expect(t).toBeLessThan(episode!.to + 10)
    }
    expect(times(run, 'heart-rate-high', 'active').length).toBeGreaterThan(0)
    expect(times(run, 'atrial-fibrillation', 'active')).toHaveLength(1)
  })

  it('asystole: absent => active => clearing => latched', async () => {
    const run = await runScenario('asystole', 180)
    const [episode] = run.truth.labels(0, 180)
    expect(pathOf(run, 'asystole')).toBe('absent => active => clearing => latched')
    const lastBefore = run.truth.beats(0, episode!.from).at(-1)!.time
    const firstAfter = run.truth.beats(episode!.to - 1, 180)[0]!.time
    // Four seconds after the last beat, to one sample of the R peak.
    expect(Math.abs(times(run, 'asystole', 'active')[0]! - (lastBefore + 4))).toBeLessThanOrEqual(0.05)
    // What ends it is the next beat; a beat of lowered amplitude may pass unseen before it.
    const ended = times(run, 'asystole', 'clearing')[0]!
    expect(ended).toBeGreaterThanOrEqual(firstAfter - 0.05)
    expect(ended - firstAfter).toBeLessThanOrEqual(1.2)
    // The interval that holds the pause is a rate of 13 /min: a true extreme bradycardia, told with the beat that ends it.
    expect(highAlerts(run)).toEqual(['asystole', 'extreme-bradycardia'])
    expect(times(run, 'extreme-bradycardia', 'active')[0]! - ended).toBeLessThanOrEqual(1)
  })

  it('ventricular tachycardia at 182 /min: it and extreme tachycardia absent => active => clearing => latched', async () => {
    const run = await runScenario('vt', 180)
    const [episode] = run.truth.labels(0, 180)
    expect(pathOf(run, 'extreme-tachycardia')).toBe('absent => active => clearing => latched')
    // Its first beats are new to the detector: it may say the end and take it back within the clear delay.
    expect(pathOf(run, 'ventricular-tachycardia')).toMatch(/^absent => active => clearing( => active => clearing)? => latched$/)
    // A wide wave that never rests is flutter as well as tachycardia to the watch for fibrillation.
    const high = highAlerts(run).filter(condition => condition !== 'ventricular-fibrillation')
    expect([...new Set(high)].sort()).toEqual(['extreme-tachycardia', 'ventricular-tachycardia'])
    const [active] = times(run, 'extreme-tachycardia', 'active')
    expect(active! - episode!.from).toBeGreaterThan(0)
    // Eight to twelve intervals carry the mean above 140 /min.
    expect(active! - episode!.from).toBeLessThanOrEqual(5)
    const [clearing] = times(run, 'extreme-tachycardia', 'clearing')
    expect(clearing! - episode!.to).toBeGreaterThan(0)
    expect(clearing! - episode!.to).toBeLessThanOrEqual(6)
  })

  for (const { scenario, condition, stream } of [
    { scenario: 'lead-off', condition: 'lead-off', stream: 'ecg' },
    { scenario: 'sensor-off', condition: 'sensor-off', stream: 'ppg' },
  ] as const) {
    it(`${scenario}: absent => pending => active => clearing => absent`, async () => {
      const run = await runScenario(scenario, 180)
      const [episode] = run.truth.labels(0, 180)
      expect(pathOf(run, condition, stream)).toBe('absent => pending => active => clearing => absent')
      // Quality is told once a second: the condition begins and ends within one, the delays are exact.
      const [pending, active, clearing, absent] = (['pending', 'active', 'clearing', 'absent'] as const).map(
        phase => times(run, condition, phase, stream)[0]!,
      )
      expect(pending! - episode!.from).toBeGreaterThan(0)
      expect(pending! - episode!.from).toBeLessThanOrEqual(1)
      expect(active! - pending!).toBeCloseTo(5, 5)
      expect(clearing! - episode!.to).toBeGreaterThanOrEqual(0)
      expect(clearing! - episode!.to).toBeLessThanOrEqual(1)
      expect(absent! - clearing!).toBeCloseTo(3, 5)
      // The heart beats on: neither the silence of a lead nor its return is an asystole.
      expect(highAlerts(run)).toEqual([])
    })
  }

  it('motion: poor signal is active half a minute after it begins, and clears within half a minute of its end', async () => {
    const run = await runScenario('motion', 180)
    const [episode] = run.truth.labels(0, 180)
    const during = run.transitions.filter(({ t }) => t > episode!.from && t < episode!.to + 45)
    // Steps as regular as a pulse pass for one without acceleration: the alert may begin to clear on the way.
    expect(pathOf({ transitions: during }, 'poor-signal', 'ppg')).toMatch(/^absent => pending => active => clearing.* => absent$/)
    expect(times({ transitions: during }, 'poor-signal', 'active', 'ppg')[0]! - (episode!.from + 30)).toBeLessThanOrEqual(1)
    // Two methods must have agreed for some seconds before pulses count again.
    expect(times({ transitions: during }, 'poor-signal', 'clearing', 'ppg').at(-1)! - episode!.to).toBeLessThanOrEqual(30)
    expect(highAlerts(run)).toEqual([])
  })

  it('link loss with backlog: the asystole inside is active as if nothing had been, and the ledger balances', async () => {
    const patient = simulatePatients({ patients: 1, scenario: 'link-loss', seed: 1, durationSeconds: 180, onsetSeconds })[0]!
    const { sink, partition } = runRecords(await recordsOf(patient.played))
    const run = { transitions: transitionsOf(sink.events) }
    const { truth } = patient.source
    const asystole = truth.labels(0, 180).find(({ label }) => label === 'asystole')!
    expect(pathOf(run, 'asystole')).toBe('absent => active => clearing => latched')
    const lastBefore = truth.beats(0, asystole.from).at(-1)!.time
    expect(Math.abs(times(run, 'asystole', 'active')[0]! - (lastBefore + 4))).toBeLessThanOrEqual(0.05)
    expect(closedSession(sink).eventHash).toMatch(/^[0-9a-f]{64}$/)
    const { offered, stored } = partition.ledger()
    expect(offered).toBe(stored)
  })

  for (const scenario of ['device-restart', 'device-restart-same-boot'] as const) {
    it(`${scenario.replaceAll('-', ' ')}: beats are found after it as before, and nothing of high priority`, async () => {
      const patient = simulatePatients({ patients: 1, scenario, seed: 1, durationSeconds: 180, onsetSeconds })[0]!
      const { sink } = runRecords(await recordsOf(patient.played))
      const run = { transitions: transitionsOf(sink.events) }
      const { truth } = patient.source
      const [restart] = truth.labels(0, 180)
      const beats = sink.events.filter(({ type }) => type === 'beat').length
      // Eight seconds of signal do not exist; what a detector needs to learn anew is the rest of the difference.
      const expected = truth.beats(0, restart!.from).length + truth.beats(restart!.to, 179.5).length
      expect(expected - beats).toBeGreaterThanOrEqual(0)
      expect(expected - beats).toBeLessThanOrEqual(6)
      expect(highAlerts(run)).toEqual([])
      const boots = sink.events.filter(({ type }) => type === 'boot')
      expect(boots.map(({ body }) => body.implied)).toEqual(scenario === 'device-restart' ? [false, false] : [false, true])
    })
  }
})

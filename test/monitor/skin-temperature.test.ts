import { describe, expect, it } from 'vitest'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import { unknownPatient } from '../../src/signal/patient.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import type { Birth } from '../../src/wire/birth.js'
import { decodePack, readPack } from '../../src/wire/pack.js'
import { encodeSenml } from '../../src/wire/senml.js'

const band = { device: 'band', boot: 1 }
const temperature: StreamSpec = { id: 'temp', kind: 'temperature', channels: ['TEMP'], unit: 'Cel', fs: { num: 4, den: 1 } }

/** A minute of a wristband at `celsius`, its pulse beside it, and what else it says of itself. */
function run(celsius: number): PatientEvent[] {
  const events: PatientEvent[] = []
  const monitor = new PatientMonitor({ attributes: unknownPatient, limits: {} }, event => void events.push(event))
  monitor.open(band, [{ spec: temperature, index: 0, patientTime: 0 }], { deviceTime: 0, patientTime: 0 })
  for (let second = 0; second < 60; second += 1) {
    monitor.samples(band, 'temp', { start: 4 * second, length: 4, flags: 0, channels: [new Float64Array(4).fill(celsius)] })
    monitor.numerics(band, [{ name: 'pulse-rate', value: 70, t: second * 1e6, status: 'valid' }], (second + 1) * 1e6)
  }
  monitor.close(band, 'temp')
  monitor.close(band, 'n')
  return events
}

describe('a wristband that measures temperature', () => {
  it('tells the temperature of the skin, which neither score nor alerts take for that of the body', () => {
    for (const celsius of [34.5, 28, 40.5]) {
      const events = run(celsius)
      const numbers = events.filter(({ type, body }) => type === 'measurement' && String(body.name).includes('temperature'))
      expect(numbers.map(({ body }) => [body.name, body.value, body.unit])).toEqual(Array(6).fill(['skin-temperature', celsius, 'Cel']))
      const scores = events.filter(({ type }) => type === 'score')
      expect(scores.length).toBeGreaterThan(0)
      for (const { body } of scores) {
        const items = body.items as { name: string; state: string; value: unknown }[]
        expect(items.find(({ name }) => name === 'temperature')).toMatchObject({ state: 'missing', value: null })
      }
      expect(events.filter(({ type, body }) => type === 'condition' && String(body.condition).startsWith('temperature'))).toEqual([])
    }
  })

  it('cannot send it as the temperature of the body either, unless a person signs it', () => {
    const sent = (site: string | undefined, signed: boolean): string => {
      const stream = site === undefined ? temperature : { ...temperature, id: 'ppg', kind: 'ppg', site }
      const bytes = encodeSenml([
        { n: 'pack', vs: '1:0' },
        { n: 'device-clock', u: 's', v: 60 },
        ...(signed ? [{ n: 'author', vs: 'nurse' }] : []),
        { n: 'temperature', u: 'Cel', v: 34 },
      ])
      const pack = decodePack(bytes)
      if ('reason' in pack) throw new Error(pack.reason)
      const birth = { clock: 'free', streams: [stream] } as unknown as Birth
      const read = readPack(pack.ok, { birth, at: 0, notBefore: null, counters: {} })
      if ('reason' in read) throw new Error(read.reason)
      return read.ok.samples[0]!.name
    }
    for (const site of ['wrist', 'left wrist', 'right-wrist', 'leftWrist', 'ankle'])
      expect(sent(site, false), site).toBe('skin-temperature')
    for (const site of [undefined, 'finger', 'chest']) expect(sent(site, false), site).toBe('temperature')
    expect(sent('wrist', true)).toBe('temperature')
  })
})

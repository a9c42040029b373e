import { describe, expect, test } from 'vitest'
import { PulseCrossCheck } from '../../src/vitals/pulse-cross-check.js'
import type { VitalReading } from '../../src/vitals/vital-reading.js'

function reading(name: VitalReading['name'], value: number | null, second: number, more: Partial<VitalReading> = {}): VitalReading {
  const kind = name === 'heart-rate' ? 'ecg' : 'ppg'
  return { name, value, t: second * 1e6, source: { stream: kind, kind, algorithm: 'test' }, quality: 1, status: 'valid', ...more }
}

/** Both rates each second from 0 on; the SpO2 of each second as it is judged. */
function judged(rates: readonly (readonly [heart: number | null, pulse: number | null])[], more: Partial<VitalReading> = {}): string[] {
  const agreement = new PulseCrossCheck()
  return rates.map(([heart, pulse], second) => {
    agreement.take(reading('heart-rate', heart, second))
    agreement.take(reading('pulse-rate', pulse, second, more))
    return agreement.judge(reading('spo2', 96, second)).status
  })
}

const repeat = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)

describe('SpO2 while pulse and heart rate are apart', () => {
  test('is questionable after 10 s, with the reason', () => {
    expect(judged(repeat(13, [80, 130]))).toEqual([...repeat(10, 'valid'), ...repeat(3, 'questionable')])
    const agreement = new PulseCrossCheck()
    for (let second = 0; second <= 10; second++) {
      agreement.take(reading('heart-rate', 80, second))
      agreement.take(reading('pulse-rate', 130, second))
    }
    expect(agreement.judge(reading('spo2', 96, 10))).toMatchObject({ value: 96, status: 'questionable', reason: 'pulse-disagrees' })
  })

  test('begins anew after a second of agreement, and is valid again at once', () => {
    const rates = [...repeat(9, [80, 130] as const), [80, 82] as const, ...repeat(9, [80, 130] as const)]
    expect(new Set(judged(rates))).toEqual(new Set(['valid']))
    expect(judged([...repeat(12, [80, 130] as const), [80, 80] as const]).at(-1)).toBe('valid')
  })

  test('wants a difference of more than 10 /min and more than a tenth', () => {
    expect(new Set(judged(repeat(30, [80, 90])))).toEqual(new Set(['valid']))
    expect(new Set(judged(repeat(30, [160, 175])))).toEqual(new Set(['valid']))
    expect(judged(repeat(30, [160, 177])).at(-1)).toBe('questionable')
    expect(judged(repeat(30, [80, 68])).at(-1)).toBe('questionable')
  })

  test('says nothing without both, or of one that is old or poor', () => {
    expect(new Set(judged(repeat(30, [null, 130])))).toEqual(new Set(['valid']))
    expect(new Set(judged(repeat(30, [80, null])))).toEqual(new Set(['valid']))
    expect(new Set(judged(repeat(30, [80, 130]), { quality: 0.4 }))).toEqual(new Set(['valid']))
    const agreement = new PulseCrossCheck()
    for (let second = 0; second < 20; second++) {
      if (second < 12) agreement.take(reading('heart-rate', 80, second))
      agreement.take(reading('pulse-rate', 130, second))
    }
    for (const second of [17, 19]) expect(agreement.judge(reading('spo2', 96, second)).status).toBe('valid')
  })

  test("leaves a device's own SpO2, its rates and all other readings alone", () => {
    const agreement = new PulseCrossCheck()
    for (let second = 0; second < 20; second++) {
      agreement.take(reading('heart-rate', 80, second))
      agreement.take(reading('pulse-rate', 130, second))
      agreement.take(reading('pulse-rate', 80, second, { source: { stream: 'n', kind: 'numeric', algorithm: 'device' } }))
    }
    const own = reading('spo2', 96, 19, { source: { stream: 'n', kind: 'numeric', algorithm: 'device' } })
    expect(agreement.judge(own)).toBe(own)
    const rate = reading('pulse-rate', 130, 19)
    expect(agreement.judge(rate)).toBe(rate)
    expect(agreement.judge(reading('spo2', 96, 19)).status).toBe('questionable')
  })

  test('goes on from a saved state', () => {
    const first = new PulseCrossCheck()
    for (let second = 0; second < 6; second++) {
      first.take(reading('heart-rate', 80, second))
      first.take(reading('pulse-rate', 130, second))
    }
    const second = new PulseCrossCheck()
    second.load(structuredClone(first.save()))
    for (let at = 6; at <= 10; at++) {
      second.take(reading('heart-rate', 80, at))
      second.take(reading('pulse-rate', 130, at))
    }
    expect(second.judge(reading('spo2', 96, 10)).status).toBe('questionable')
  })

  test('judges each light by its own pulse, not by that of a band at a moving wrist', () => {
    const of = (device: string) => ({ source: { device, stream: 'ppg', kind: 'ppg', algorithm: 'test' } }) as const
    const agreement = new PulseCrossCheck()
    for (let second = 0; second < 20; second++) {
      agreement.take(reading('heart-rate', 80, second))
      agreement.take(reading('pulse-rate', 80, second, of('finger')))
      agreement.take(reading('pulse-rate', 130, second, of('wrist')))
    }
    expect(agreement.judge(reading('spo2', 96, 19, of('finger'))).status).toBe('valid')
    expect(agreement.judge(reading('spo2', 96, 19, of('wrist'))).status).toBe('questionable')
  })

  test('goes by the method that counts where another gives way', () => {
    const agreement = new PulseCrossCheck()
    const by = (algorithm: string) => ({ source: { stream: 'ppg', kind: 'ppg', algorithm } }) as const
    for (let second = 0; second < 20; second++) {
      agreement.take(reading('heart-rate', 80, second))
      agreement.take(reading('pulse-rate', 130, second, by('ppg-pulse-rate')))
      agreement.take(reading('pulse-rate', null, second, by('ppg-motion-rate')))
    }
    expect(agreement.judge(reading('spo2', 96, 19)).status).toBe('questionable')
  })
})

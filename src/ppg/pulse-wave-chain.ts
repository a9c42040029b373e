import { secondStart } from '../dsp/second-grid.js'
import { type Emit, emitNumber, type SecondSpan, SecondwiseChain } from '../dsp/secondwise-chain.js'
import type { StreamChain } from '../signal/chain.js'
import { hertz } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import { PpgChannel, type PpgChannelOptions } from './ppg-channel.js'

export interface PulseWaveOptions {
  readonly name: string
  readonly channel: Omit<PpgChannelOptions, 'fs'>
  /** Ids of the methods, as the cards in docs/algorithms call them. */
  readonly rateAlgorithm: string
  /** Null: no perfusion index. */
  readonly perfusionAlgorithm: string | null
  /** Null: no respiratory rate from the pulses. */
  readonly respirationAlgorithm: string | null
}

const rateWindowSeconds = 8
const respirationEverySeconds = 4
const respirationWindowSeconds = 32

/**
 * Pulses, pulse rate, perfusion index, respiratory rate and quality of one pulse-wave stream (light or pressure), 20 to
 * 1000 Hz. Numbers are said with the last sample of their second (no delay), pulses about
 * 0.3 s after their peak.
 */
export function createPulseWaveChain(spec: StreamSpec, options: PulseWaveOptions): StreamChain {
  const fs = hertz(spec.fs)
  const start = (second: number): number => Math.max(0, secondStart(second, spec.fs))

  const rateNumbers = (number: number, channel: PpgChannel | null, span: SecondSpan, emit: Emit): void => {
    const { to, decided } = span
    const from = channel === null ? span.from : start(span.second + 1 - rateWindowSeconds)
    const result = channel?.rate.measure(to - 1)
    const signal = channel?.reason ?? 'missing'
    const absent = signal === 'missing' || signal === 'sensor-off' || signal === 'flat'
    const rate = absent || result === undefined ? null : result.rate
    const quality = rate === null ? 0 : result!.quality
    const why = signal === 'good' ? (result?.reason ?? 'missing') : signal
    emitNumber(
      emit,
      { name: 'pulse-rate', value: rate, from, to, decided, channel: number, quality, algorithm: options.rateAlgorithm },
      why,
    )
    if (options.perfusionAlgorithm === null) return
    const perfusion = rate === null || channel === null ? null : channel.perfusion(result!.height)
    emitNumber(
      emit,
      {
        name: 'perfusion-index',
        value: perfusion,
        from,
        to,
        decided,
        channel: number,
        quality: perfusion === null ? 0 : quality,
        algorithm: options.perfusionAlgorithm,
      },
      rate === null ? why : 'no-baseline',
    )
  }

  return new SecondwiseChain<PpgChannel>(
    spec,
    {
      name: options.name,
      latency: { min: 0, max: Math.ceil(0.45 * fs) },
      parameters: { ...options.channel, rateWindowSeconds, respirationWindowSeconds, respirationEverySeconds, version: 2 },
      newChannel: () => new PpgChannel({ ...options.channel, fs }, options.respirationAlgorithm === null ? null : respirationWindowSeconds),
      settled(channel, number, chosen, decided, emit) {
        if (!chosen) return
        const { pulseIndex: index, pulseInterval: interval, pulseQuality: quality } = channel.state
        const intervalSeconds = !Number.isNaN(interval) ? interval : null
        emit({ kind: 'pulse', decided, channel: number, index, intervalSeconds, quality })
      },
      measure(channel, number, span, emit) {
        rateNumbers(number, channel, span, emit)
        if (channel.modulation === null || options.respirationAlgorithm === null) return
        if ((span.second + 1) % respirationEverySeconds !== 0) return
        const breathing = channel.modulation.estimate(span.to - 1)
        const from = start(span.second + 1 - respirationWindowSeconds)
        const { rate: value, quality, reason } = breathing
        const { to, decided } = span
        const algorithm = options.respirationAlgorithm
        emitNumber(emit, { name: 'respiratory-rate', value, from, to, decided, channel: number, quality, algorithm }, reason ?? '')
      },
      missing: (number, span, emit) => rateNumbers(number, null, span, emit),
    },
    [20, 1000],
  )
}

import { type ModulationRateResult, modulationParameters } from '../dsp/modulation-rate.js'
import { secondStart } from '../dsp/second-grid.js'
import { type Emit, emitNumber, type SecondSpan, SecondwiseChain } from '../dsp/secondwise-chain.js'
import type { StreamChain } from '../signal/chain.js'
import { hertz } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import { PpgChannel, type PpgChannelOptions } from './ppg-channel.js'
import { agreementParameters } from './pulse-agreement.js'
import { pulsePointParameters } from './pulse-points.js'

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

/**
 * Pulses, pulse rate, perfusion index, respiratory rate and quality of one pulse-wave stream (light or pressure), 20 to
 * 1000 Hz. Numbers are said with the last sample of their second (no delay), pulses about
 * 0.3 s after their peak, their points 0.6 s after it or with the next pulse.
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
    const quality = rate === null || channel === null ? 0 : Math.min(result!.quality, channel.trust())
    const bounds = rate === null ? {} : { low: result!.low, high: result!.high }
    const why = signal === 'good' ? (result?.reason ?? 'missing') : signal
    emitNumber(
      emit,
      { name: 'pulse-rate', value: rate, from, to, decided, channel: number, quality, ...bounds, algorithm: options.rateAlgorithm },
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

  // Every channel is asked for breathing in `each`; the surest one is said in `measure` of the same second.
  let breathing: { readonly channel: number; readonly result: ModulationRateResult } | null = null

  return new SecondwiseChain<PpgChannel>(
    spec,
    {
      name: options.name,
      latency: { min: 0, max: Math.ceil((pulsePointParameters.afterSeconds + 0.05) * fs) },
      parameters: {
        ...options.channel,
        rateWindowSeconds,
        agreement: agreementParameters,
        points: pulsePointParameters,
        breathing: modulationParameters,
        version: 5,
      },
      newChannel: () => new PpgChannel({ ...options.channel, fs }, options.respirationAlgorithm !== null),
      settled(channel, number, chosen, decided, emit) {
        if (!chosen) return
        const { pulseIndex: index, pulseInterval: interval, pulseQuality: quality, pulseSettled, pointsSettled } = channel.state
        const intervalSeconds = !Number.isNaN(interval) ? interval : null
        if (pulseSettled) emit({ kind: 'pulse', decided, channel: number, index, intervalSeconds, quality })
        if (pointsSettled) emit({ kind: 'pulse-points', decided, channel: number, ...pointsOf(channel) })
      },
      each(channel, number, span) {
        if (number === 0) breathing = null
        if (channel.modulation === null || (span.second + 1) % modulationParameters.everySeconds !== 0) return
        const result = channel.modulation.estimate(span.to - 1)
        if (breathing === null || result.quality > breathing.result.quality) breathing = { channel: number, result }
      },
      measure(channel, number, span, emit) {
        rateNumbers(number, channel, span, emit)
        if (options.respirationAlgorithm === null || breathing === null) return
        const { to, decided } = span
        const from = start(span.second + 1 - modulationParameters.windowSeconds)
        const { rate: value, quality, low, high, held, reason } = breathing.result
        const bounds = { ...(low !== undefined && { low }), ...(high !== undefined && { high }), ...(held && { held }) }
        const algorithm = options.respirationAlgorithm
        const spoken = {
          name: 'respiratory-rate',
          value,
          from,
          to,
          decided,
          channel: breathing.channel,
          quality,
          ...bounds,
          algorithm,
        } as const
        emitNumber(emit, spoken, reason ?? '')
      },
      missing: (number, span, emit) => rateNumbers(number, null, span, emit),
    },
    [20, 1000],
  )
}

function pointsOf(channel: PpgChannel): { index: number; onset: number | null; peak: number; notch: number | null; quality: number } {
  const { pointsIndex: index, pointsOnset: onset, pointsPeak: peak, pointsNotch: notch, pointsQuality: quality } = channel.state
  return { index, onset: Number.isNaN(onset) ? null : onset, peak, notch: Number.isNaN(notch) ? null : notch, quality }
}

import { secondStart } from '../dsp/second-grid.js'
import { type Emit, emitNumber, type SecondSpan, SecondwiseChain } from '../dsp/secondwise-chain.js'
import type { StreamChain } from '../signal/chain.js'
import { hertz } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import { RespirationChannel, respirationParameters } from './respiration-channel.js'

const algorithm = 'respiration-breaths'

/**
 * Thoracic impedance or belt: breaths, `respiratory-rate` (3 to 80 /min) each second and quality; 10 to 1000 Hz. Inspiration
 * is assumed to raise the signal; upside down, breaths are placed at the end of expiration and the rate is the same. No
 * breath for long gives no number (`no-breath`), not zero: an apnoea is an alert rule's to declare.
 */
export function createRespirationChain(spec: StreamSpec): StreamChain {
  const fs = hertz(spec.fs)

  const rateNumber = (number: number, channel: RespirationChannel | null, span: SecondSpan, emit: Emit): void => {
    const { to, decided } = span
    const from = channel === null ? span.from : Math.max(0, secondStart(span.second + 1 - respirationParameters.windowSeconds, spec.fs))
    const result = channel?.measureRate(to - 1)
    const signal = channel?.reason ?? 'missing'
    const absent = signal === 'missing' || signal === 'lead-off' || signal === 'sensor-off' || signal === 'flat'
    const value = absent || result === undefined ? null : result.rate
    const quality = value === null ? 0 : result!.quality
    const why = absent ? signal : (result?.reason ?? signal)
    emitNumber(emit, { name: 'respiratory-rate', value, from, to, decided, channel: number, quality, algorithm }, why)
  }

  return new SecondwiseChain<RespirationChannel>(
    spec,
    {
      name: 'respiration',
      latency: { min: 0, max: Math.ceil(respirationParameters.latestSeconds * fs) },
      parameters: respirationParameters,
      newChannel: () => new RespirationChannel(fs),
      settled(channel, number, chosen, decided, emit) {
        if (!chosen) return
        const { breathIndex: index, breathInterval: interval, breathQuality: quality } = channel.state
        emit({ kind: 'breath', decided, channel: number, index, intervalSeconds: !Number.isNaN(interval) ? interval : null, quality })
      },
      measure: (channel, number, span, emit) => rateNumber(number, channel, span, emit),
      missing: (number, span, emit) => rateNumber(number, null, span, emit),
    },
    [10, 1000],
  )
}

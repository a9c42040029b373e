import { secondStart } from '../dsp/second-grid.js'
import { type Emit, emitNumber, type SecondSpan, SecondwiseChain } from '../dsp/secondwise-chain.js'
import type { StreamChain } from '../signal/chain.js'
import { hertz } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import { RespirationChannel, respirationParameters } from './respiration-channel.js'

const algorithm = 'respiration-breaths'

/**
 * Thoracic impedance or belt: breaths, `respiratory-rate` (3 to 80 /min) each second, apnoea and quality; 10 to 1000 Hz. The
 * rate is the count of breaths; the spectrum of the wave confirms it and gives its interval. Inspiration is assumed to raise
 * the signal; upside down, breaths are placed at the end of expiration and the rate is the same. No breath for long gives no
 * number (`no-breath`), not zero, and after 20 s of usable signal the episode `apnea` (which then is the reason).
 */
export function createRespirationChain(spec: StreamSpec): StreamChain {
  const fs = hertz(spec.fs)

  const rateNumber = (number: number, channel: RespirationChannel | null, span: SecondSpan, emit: Emit): void => {
    const { to, decided } = span
    const from = channel === null ? span.from : Math.max(0, secondStart(span.second + 1 - respirationParameters.windowSeconds, spec.fs))
    const signal = channel?.reason ?? 'missing'
    const absent = signal === 'missing' || signal === 'lead-off' || signal === 'sensor-off' || signal === 'flat'
    // Ripple of the heart and breaths of half a minute ago are no rate of one who does not breathe.
    const apnea = channel?.apnea.state.on === true
    const count = absent || apnea ? undefined : channel?.measureRate(to - 1)
    const shared = { name: 'respiratory-rate', from, to, decided, channel: number, algorithm } as const
    if (count === undefined || channel === null || count.rate === null) {
      emitNumber(emit, { ...shared, value: null, quality: 0 }, apnea ? 'apnea' : (count?.reason ?? signal))
      return
    }
    emitNumber(emit, { ...shared, value: count.rate, ...confirmed(count.rate, count.quality, channel) }, '')
  }

  /** Every channel followed this second, in order; the chain says the chosen one's apnoea. */
  let channels: RespirationChannel[] = []

  const tellApnea = (chosen: RespirationChannel, number: number, { to, decided }: SecondSpan, emit: Emit): void => {
    const { on, told, since, began } = chosen.apnea.state
    if (on === told) return
    for (const channel of channels) channel.apnea.state.told = on
    const from = on || Number.isNaN(began) ? since : began
    const confidence = on ? chosen.apnea.confidence : chosen.state.quality
    const lasted = { value: (on ? to - 1 - since : since - from) / fs, unit: 's' }
    emit({ kind: 'episode', episode: 'apnea', on, index: since, decided, channel: number, confidence, from, to, ...lasted })
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
      each(channel, number) {
        if (number === 0) channels = []
        channels.push(channel)
      },
      measure(channel, number, span, emit) {
        rateNumber(number, channel, span, emit)
        tellApnea(channel, number, span, emit)
      },
      missing: (number, span, emit) => rateNumber(number, null, span, emit),
    },
    [10, 1000],
  )
}

/** Quality of a count of breaths beside the opinion of the spectrum, with the interval of the latter. */
function confirmed(rate: number, quality: number, channel: RespirationChannel): { quality: number; low?: number; high?: number } {
  const { agreeWithin, spectrumSure, regular } = respirationParameters
  const spectrum = channel.spectrum.read()
  // Regular breaths speak for themselves, also when they are too slow for the spectrum.
  if (spectrum.certainty < spectrumSure) return { quality: quality >= regular ? 0.6 * quality : Math.min(quality, unconfirmed) }
  const distance = Math.abs(spectrum.rate - rate)
  if (distance > agreeWithin) return { quality: Math.min(quality, unconfirmed) }
  return { quality, low: Math.min(rate, spectrum.low), high: Math.max(rate, spectrum.high) }
}

/** Below what counts as usable. */
const unconfirmed = 0.45

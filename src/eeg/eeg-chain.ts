import { secondStart } from '../dsp/second-grid.js'
import { type Emit, emitNumber, SecondwiseChain } from '../dsp/secondwise-chain.js'
import { VitalwireError } from '../errors.js'
import type { IntervalName } from '../signal/catalogue.js'
import type { StreamChain } from '../signal/chain.js'
import { hertz } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import { bandPower, eegBands, spectralEdge } from './eeg-bands.js'
import { EegChannel, type EegEpoch, eegParameters } from './eeg-channel.js'
import { suppressionParameters } from './suppression.js'

const microvolts: Readonly<Record<string, number>> = { uV: 1, mV: 1000, V: 1e6, nV: 0.001 }
const algorithm = 'eeg-spectrum'

/**
 * EEG of any number of electrodes, 100 to 5000 Hz: quality of each electrode each second; band powers, spectral edge and
 * suppression ratio of each electrode over each 10 s of the stream's grid, with the last sample of the 10 s. No diagnosis:
 * numbers of the signal only. Throws `usage-config` for a unit that is no voltage.
 */
export function createEegChain(spec: StreamSpec): StreamChain {
  const scale = microvolts[spec.unit]
  if (scale === undefined) {
    const accepted = `accepted: ${Object.keys(microvolts).join(', ')}`
    throw new VitalwireError('usage-config', `stream ${spec.id}: unit ${spec.unit} is none for EEG; ${accepted}`)
  }

  const say = (channel: number, epoch: EegEpoch, decided: number, emit: Emit): void => {
    const { density, binHz, from, to } = epoch
    const quality = density === null ? 0 : epoch.usable
    const number = (name: IntervalName, value: number | null, begin: number, reason: string): void =>
      emitNumber(emit, { name, value, from: begin, to, decided, channel, quality: value === null ? 0 : quality, algorithm }, reason)
    for (const band of eegBands)
      number(band.name, density === null ? null : bandPower(density, binHz, band.from, band.to), from, epoch.reason)
    number('eeg-spectral-edge', density === null ? null : spectralEdge(density, binHz), from, density === null ? epoch.reason : 'flat')
    const minute = Math.max(0, to - secondStart(suppressionParameters.windowSeconds, spec.fs))
    number('eeg-suppression-ratio', epoch.suppression, minute, density === null ? epoch.reason : 'too-little-signal')
  }

  return new SecondwiseChain<EegChannel>(
    spec,
    {
      name: 'eeg',
      latency: { min: 0, max: Math.ceil(eegParameters.epochSeconds * hertz(spec.fs)) },
      parameters: eegParameters,
      newChannel: () => new EegChannel(spec.fs, scale),
      settled() {},
      each(channel, number, span, emit) {
        if (channel.epoch !== null) say(number, channel.epoch, span.decided, emit)
      },
      measure() {},
      missing() {},
    },
    [100, 5000],
  )
}

import { createResampler } from '../../src/dsp/resampler.js'
import type { Lead } from './records.js'

/** Ways in which the same signal may reach the pipeline. */
export const ways: ReadonlyMap<string, (lead: Lead) => Lead> = new Map([
  ['as recorded', (lead: Lead): Lead => lead],
  ...[128, 250, 500, 1000].map(hz => [`${hz} Hz`, (lead: Lead): Lead => resample(lead, hz)] as const),
  ['12 bits over 20 mV', lead => quantise(lead, 20 / 2 ** 12)],
  ['16 bits over 20 mV', lead => quantise(lead, 20 / 2 ** 16)],
  ['gain 0.3', lead => scale(lead, 0.3)],
  ['gain 3', lead => scale(lead, 3)],
  ...[50, 60].map(hz => [`0.1 mV of ${hz} Hz`, (lead: Lead): Lead => addMains(lead, hz, 0.1)] as const),
])

function resample(lead: Lead, hz: number): Lead {
  const ratio = hz / lead.fsHz
  const samples = new Float64Array(Math.floor(lead.samples.length * ratio))
  const resampler = createResampler({ from: { num: lead.fsHz, den: 1 }, to: { num: hz, den: 1 } })
  const put = (block: { start: number; samples: Float64Array }): void => {
    if (block.start < samples.length) samples.set(block.samples.subarray(0, samples.length - block.start), block.start)
  }
  resampler.push({ start: 0, gapBefore: 0, flags: 0, samples: lead.samples }, put)
  resampler.flush(put)
  return { fsHz: hz, samples, annotations: lead.annotations.map(one => ({ ...one, sample: Math.round(one.sample * ratio) })) }
}

function quantise(lead: Lead, step: number): Lead {
  return { ...lead, samples: lead.samples.map(x => step * Math.round(x / step)) }
}

function scale(lead: Lead, gain: number): Lead {
  return { ...lead, samples: lead.samples.map(x => gain * x) }
}

/** `millivolts`: amplitude, half of peak to peak. */
function addMains(lead: Lead, hz: number, millivolts: number): Lead {
  return { ...lead, samples: lead.samples.map((x, i) => x + millivolts * Math.sin((2 * Math.PI * hz * i) / lead.fsHz)) }
}

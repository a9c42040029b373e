import { createEcgChain, type EcgChainOptions } from '../../../src/ecg/ecg-chain.js'
import { QrsDetector } from '../../../src/ecg/qrs/qrs-detector.js'
import { createRhythmAnalysers } from '../../../src/ecg/rhythm/rhythm-analysers.js'
import type { Observation } from '../../../src/signal/observation.js'
import type { StreamSpec } from '../../../src/signal/stream.js'
import { type BenchCase, type CaseMaker, yardstick } from '../bench-case.js'
import { ecgSamples, trueBeats } from '../signals.js'

/** Long enough that learning at the start and the making of the chain weigh little; in memory, as the figures are asked for. */
const seconds = 600
const fs = 360
/** The detector may miss the first beat, before it has learnt, and one that the end cuts. */
const beatTolerance = 2
const wholePush = seconds * fs
const packet = fs / 10

const spec: StreamSpec = { id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fs, den: 1 } }

function measured(name: string, run: () => number): BenchCase {
  const expected = trueBeats(0, seconds).length
  return {
    work: { count: seconds * fs, of: 'sample' },
    expected,
    tolerance: beatTolerance,
    candidate: { name, run },
    baseline: yardstick(expected),
  }
}

/** The detector alone, behind no splitter, blanking or quality; held by its beats. */
function qrs(step: number): BenchCase {
  const samples = ecgSamples(fs, seconds)
  return measured(`QRS detector, ${fs} Hz`, () => {
    const detector = new QrsDetector({ fsHz: fs, millivolts: 1 })
    let beats = 0
    const count = ({ kind }: { kind: string }) => {
      if (kind === 'qrs') beats += 1
    }
    for (let start = 0; start < samples.length; start += step) {
      detector.push({ start, gapBefore: 0, flags: 0, samples: samples.subarray(start, start + step) }, count)
    }
    detector.flush(count)
    return beats
  })
}

/** The chain; held by what it says of the beats. */
function chain(name: string, step: number, options: EcgChainOptions, counts: (said: Observation) => boolean): BenchCase {
  const samples = ecgSamples(fs, seconds)
  return measured(`${name}, one lead, ${fs} Hz`, () => {
    const ecg = createEcgChain(spec, options)
    let count = 0
    const hear = (said: Observation) => {
      if (counts(said)) count += 1
    }
    for (let start = 0; start < samples.length; start += step) {
      const block = samples.subarray(start, start + step)
      ecg.push({ start, length: block.length, flags: 0, channels: [block] }, hear)
    }
    ecg.flush(hear)
    return count
  })
}

const classes = (step: number) =>
  chain('ECG chain to classes', step, { analysers: () => [] }, said => said.kind === 'beat' && said.beatClass === 'N')
const rhythm = (step: number) =>
  chain('ECG chain to rhythm', step, { analysers: createRhythmAnalysers }, said => said.kind === 'beat' && said.beatClass === 'N')
const everything = (step: number) => chain('ECG chain with everything', step, {}, said => said.kind === 'delineation' && said.tEnd !== null)

export const ecgCases: Readonly<Record<string, CaseMaker>> = {
  'ecg-qrs-whole': () => qrs(wholePush),
  'ecg-qrs-100ms': () => qrs(packet),
  'ecg-classes-whole': () => classes(wholePush),
  'ecg-classes-100ms': () => classes(packet),
  'ecg-rhythm-whole': () => rhythm(wholePush),
  'ecg-rhythm-100ms': () => rhythm(packet),
  'ecg-all-whole': () => everything(wholePush),
  'ecg-all-100ms': () => everything(packet),
}

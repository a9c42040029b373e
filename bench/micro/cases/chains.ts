import { createEcgChain } from '../../../src/ecg/ecg-chain.js'
import { createOximetryChain } from '../../../src/oximetry/oximetry-chain.js'
import { createPpgChain } from '../../../src/ppg/ppg-chain.js'
import { createRespirationChain } from '../../../src/respiration/respiration-chain.js'
import type { StreamChain } from '../../../src/signal/chain.js'
import type { Observation } from '../../../src/signal/observation.js'
import type { StreamSpec } from '../../../src/signal/stream.js'
import { type BenchCase, type CaseMaker, yardstick } from '../bench-case.js'
import { ecgSamples, ppgSamples, respirationSamples, signalSeconds, trueBeats, trueRates } from '../signals.js'

/** A minute of signal in blocks of 1 s through a new chain; `read` makes the fingerprint of what the chain said. */
function chainRun(create: () => StreamChain, fs: number, channels: readonly Float64Array[], read: (said: Observation[]) => number) {
  const blocks = Array.from({ length: signalSeconds }, (_, second) => ({
    start: second * fs,
    length: fs,
    flags: 0,
    channels: channels.map(samples => samples.slice(second * fs, (second + 1) * fs)),
  }))
  return () => {
    const said: Observation[] = []
    const chain = create()
    for (const block of blocks) chain.push(block, observation => said.push(observation))
    chain.flush(observation => said.push(observation))
    return read(said)
  }
}

/** The detector may miss the first beat, before it has learnt, and one that the end cuts. */
const beatTolerance = 2

function ecg(fs: number): BenchCase {
  const spec: StreamSpec = { id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fs, den: 1 } }
  const expected = trueBeats(0, signalSeconds).length
  const count = (said: Observation[]) => said.filter(one => one.kind === 'beat').length
  return {
    work: { count: signalSeconds * fs, of: 'sample' },
    expected,
    tolerance: beatTolerance,
    candidate: { name: `ECG chain, one lead, ${fs} Hz`, run: chainRun(() => createEcgChain(spec), fs, [ecgSamples(fs)], count) },
    baseline: yardstick(expected),
  }
}

const ppgFs = 100
const ppgSpec: StreamSpec = {
  id: 'ppg',
  kind: 'ppg',
  channels: ['red', 'infrared'],
  unit: '1',
  fs: { num: ppgFs, den: 1 },
  wavelengths: [660, 940],
}

/** The last value that was said of a vital sign; NaN for none. */
function lastOf(name: string) {
  return (said: Observation[]) => {
    for (let k = said.length - 1; k >= 0; k--) {
      const one = said[k]!
      if (one.kind === 'measurement' && one.name === name && one.value !== null) return one.value
    }
    return Number.NaN
  }
}

/** Held by its rate, not its count: the chain is silent until it knows which way up the wave is. */
function ppg(): BenchCase {
  const spec: StreamSpec = { id: 'ppg', kind: 'ppg', channels: ['infrared'], unit: '1', fs: { num: ppgFs, den: 1 } }
  const expected = trueBeats(0, signalSeconds).length / (signalSeconds / 60)
  return {
    work: { count: signalSeconds * ppgFs, of: 'sample' },
    expected,
    tolerance: 5,
    candidate: {
      name: `PPG chain, one channel, ${ppgFs} Hz`,
      run: chainRun(() => createPpgChain(spec), ppgFs, [ppgSamples(ppgFs)[1]], lastOf('pulse-rate')),
    },
    baseline: yardstick(expected),
  }
}

function oximetry(): BenchCase {
  const expected = trueRates.saturation
  return {
    work: { count: signalSeconds * ppgFs, of: 'sample pair' },
    expected,
    tolerance: 3,
    candidate: {
      name: `oximetry chain, red and infrared, ${ppgFs} Hz`,
      run: chainRun(() => createOximetryChain(ppgSpec, createPpgChain(ppgSpec)), ppgFs, ppgSamples(ppgFs), lastOf('spo2')),
    },
    baseline: yardstick(expected),
  }
}

function respiration(): BenchCase {
  const fs = 25
  const spec: StreamSpec = { id: 'resp', kind: 'respiration', channels: ['impedance'], unit: 'Ohm', fs: { num: fs, den: 1 } }
  const expected = trueRates.respiratoryRate
  return {
    work: { count: signalSeconds * fs, of: 'sample' },
    expected,
    tolerance: 1.5,
    candidate: {
      name: `respiration chain, impedance, ${fs} Hz`,
      run: chainRun(() => createRespirationChain(spec), fs, [respirationSamples(fs)], lastOf('respiratory-rate')),
    },
    baseline: yardstick(expected),
  }
}

export const chainCases: Readonly<Record<string, CaseMaker>> = {
  'ecg-chain-250': () => ecg(250),
  'ecg-chain-360': () => ecg(360),
  'ppg-chain': ppg,
  'oximetry-chain': oximetry,
  'respiration-chain': respiration,
}

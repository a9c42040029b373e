import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { MainsNotch } from '../../src/ecg/conditioning/mains-notch.js'
import { QrsDetector } from '../../src/ecg/qrs/qrs-detector.js'
import { referenceKernel } from '../../src/kernel/reference-kernel.js'
import type { SampleBlock } from '../../src/signal/sample-block.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'
import { checkStageLaws } from './stage-laws.js'

const root = new URL('../../', import.meta.url).pathname

/** Classes that are stages, and the file whose tests put them through the laws. Chains go through them in plan-laws.test.ts, kind by kind. */
const tested: Readonly<Record<string, string>> = {
  MainsNotch: 'test/laws/every-stage.test.ts',
  QrsDetector: 'test/laws/every-stage.test.ts',
  PacerBlanker: 'test/ecg/conditioning/pacer-blanker.test.ts',
  Resampler: 'test/dsp/resampler.test.ts',
}

function stagesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .flatMap(file => [...readFileSync(path.join(root, folder, file), 'utf8').matchAll(/class (\w+)(?:<[^{]*?>)? implements Stage</g)])
    .map(match => match[1]!)
}

describe('every class that is a stage', () => {
  it.each(stagesIn('src'))('goes through the laws: %s', name => {
    expect(Object.keys(tested), `${name} has no place in the list of this test`).toContain(name)
    expect(readFileSync(path.join(root, tested[name]!), 'utf8')).toContain('checkStageLaws({')
  })
})

const fs = 250
const first = syntheticEcg({ fs, seconds: 20, seed: 41 }).map((x, i) => x + 0.2 * Math.sin((2 * Math.PI * 50.1 * i) / fs))
const second = syntheticEcg({ fs, seconds: 15, seed: 42, beats: [...regularBeats(0.4, 0.6, 6), ...regularBeats(9, 0.9, 15)] })
const block = (start: number, samples: Float64Array, gapBefore = 0): SampleBlock => ({ start, gapBefore, flags: 0, samples })
const input = [block(7, first), block(7 + first.length + 400, second, 400)]

describe('the notch for mains', () => {
  checkStageLaws({ create: () => new MainsNotch(fs, 1, referenceKernel), input, latency: { min: 0, max: 0 }, rounds: 2 })
})

describe('the QRS detector', () => {
  checkStageLaws({ create: () => new QrsDetector({ fsHz: fs, millivolts: 1 }), input, fs, rounds: 3 })
})

import { describe, expect, test } from 'vitest'
import type { Latency, StageState } from '../../src/signal/stage.js'
import { blockLength, cutBlocks, gapsOf, hasMissing, type LawBlock, pieceOf, spoil } from './blocks.js'
import { seededRandom } from './random.js'

/** What the laws need of a subject; both `Stage` and `StreamChain` have it. */
export interface LawSubject<In, Out> {
  readonly latency: Latency
  push(input: In, emit: (output: Out) => void): void
  flush(emit: (output: Out) => void): void
  save(): StageState
  load(state: StageState): void
}

export interface StageLawOptions<In extends LawBlock, Out> {
  /** A new subject; called often. */
  readonly create: () => LawSubject<In, Out>
  /** A whole input in few large blocks, with gaps (and NaN for chains) if the subject may meet them. Never changed. */
  readonly input: readonly In[]
  /** Rate in Hz; needed when outputs carry intervals in seconds. */
  readonly fs?: number
  /** Expected declared latency in samples; checked against the subject's and against measured delays. */
  readonly latency?: Latency
  /** Index of the newest input sample that an output is about; undefined: this output has no delay to speak of. */
  readonly position?: (output: Out) => number | undefined
  /** How outputs of different cuts compare; by default sample blocks are joined, everything else stays as it is. */
  readonly join?: (outputs: readonly Out[]) => unknown
  /** Rounds of random cuts. */
  readonly rounds?: number
  readonly seed?: number
}

interface Emitted<Out> {
  readonly output: Out
  /** Index of the last sample pushed when it came. */
  readonly last: number
  /** It came from `flush`. */
  readonly atFlush: boolean
}

/** Registers the laws that every stage and every chain obeys as tests of the surrounding `describe`. */
export function checkStageLaws<In extends LawBlock, Out>(options: StageLawOptions<In, Out>): void {
  const { create, input } = options
  const join = options.join ?? joinOutputs
  const position = options.position ?? defaultPosition
  const seed = options.seed ?? 20261125
  const whole = () =>
    run(
      create(),
      cutBlocks(input, () => Infinity),
    )

  describe('stage laws', () => {
    test('says something about its input', () => {
      expect(whole().length).toBeGreaterThan(0)
    })

    for (let round = 0; round < (options.rounds ?? 4); round++) {
      test(`gives the same outputs however the input is cut (seed ${seed + round})`, () => {
        const random = seededRandom(seed + round)
        // Mostly short pieces, at times long ones; single samples are frequent.
        const pieces = cutBlocks(input, () => (random() < 0.3 ? 1 : random() < 0.8 ? random() * 100 : random() * 5000))
        expect(join(outputsOf(run(create(), pieces)))).toEqual(join(outputsOf(whole())))
      })

      test(`goes on identically from a saved state (seed ${seed + round})`, () => {
        const random = seededRandom(seed + 1000 + round)
        const pieces = cutBlocks(input, () => 1 + random() * 700)
        const split = Math.floor(random() * pieces.length)
        const original = create()
        const before: Emitted<Out>[] = run(original, pieces.slice(0, split), { flush: false })
        const state = original.save()
        const frozen = structuredClone(state)
        const after = run(original, pieces.slice(split))
        expect(state, 'a saved state must not change while its stage goes on').toEqual(frozen)
        const copy = create()
        copy.load(frozen)
        expect(outputsOf(run(copy, pieces.slice(split)))).toEqual(outputsOf(after))
        expect(join(outputsOf([...before, ...after]))).toEqual(join(outputsOf(whole())))
      })
    }

    test('gives the same outputs one sample at a time, and no later than its latency allows', () => {
      const subject = create()
      if (options.latency) expect(subject.latency).toEqual(options.latency)
      expect(subject.latency.min).toBeLessThanOrEqual(subject.latency.max)
      const emitted = run(
        subject,
        cutBlocks(input, () => 1),
      )
      expect(join(outputsOf(emitted))).toEqual(join(outputsOf(whole())))
      const pushed = pushedCounter(input)
      const complete = !hasMissing(input)
      for (const { output, last, atFlush } of emitted) {
        const at = position(output)
        if (at === undefined || atFlush) continue
        const delay = pushed(last) - pushed(at)
        expect(delay, `delay of ${describeOutput(output)}`).toBeLessThanOrEqual(subject.latency.max)
        if (complete) expect(delay, `delay of ${describeOutput(output)}`).toBeGreaterThanOrEqual(subject.latency.min)
      }
    })

    test('is as new after a flush', () => {
      const used = create()
      run(used, [pieceOf(input[0] as In, 0, Math.ceil(blockLength(input[0] as In) / 2))])
      expect(used.save()).toEqual(create().save())
      const pieces = () => cutBlocks(input, () => 997)
      expect(outputsOf(run(used, pieces()))).toEqual(outputsOf(run(create(), pieces())))
    })

    test('emits in the order of `decided`, never beyond the last sample pushed', () => {
      const random = seededRandom(seed + 2000)
      let previous = -Infinity
      for (const { output, last } of run(
        create(),
        cutBlocks(input, () => 1 + random() * 300),
      )) {
        const decided = numberOf(output, 'decided')
        if (decided === undefined) continue
        expect(decided, describeOutput(output)).toBeGreaterThanOrEqual(previous)
        expect(decided, describeOutput(output)).toBeLessThanOrEqual(last + 1)
        previous = decided
      }
    })

    test('emits no NaN and no infinity', () => {
      for (const { output } of whole()) expect(allFinite(output), describeOutput(output)).toBe(true)
    })

    if (gapsOf(input).length > 0) {
      test('lets nothing cross a gap', () => {
        const gaps = gapsOf(input)
        for (const output of outputsOf(whole())) {
          const span = spanOf(output, options.fs)
          if (!span) continue
          for (const [from, to] of gaps) {
            expect(span[0] < from && span[1] >= to, `${describeOutput(output)} crosses the gap ${from}..${to}`).toBe(false)
          }
        }
      })
    }
  })
}

/** Pushes every block, spoils it afterwards (arrays are only lent), and flushes unless told not to. */
export function run<In extends LawBlock, Out>(
  subject: LawSubject<In, Out>,
  blocks: readonly In[],
  { flush = true }: { flush?: boolean } = {},
): Emitted<Out>[] {
  const emitted: Emitted<Out>[] = []
  let last = -1
  for (const block of blocks) {
    const lent = pieceOf(block, 0, blockLength(block))
    last = block.start + blockLength(block) - 1
    subject.push(lent, output => emitted.push({ output: copyOf(output), last, atFlush: false }))
    spoil(lent)
  }
  if (flush) subject.flush(output => emitted.push({ output: copyOf(output), last, atFlush: true }))
  return emitted
}

function outputsOf<Out>(emitted: readonly Emitted<Out>[]): Out[] {
  return emitted.map(({ output }) => output)
}

/** Outputs may be lent as inputs are. */
function copyOf<Out>(output: Out): Out {
  return structuredClone(output)
}

/** How many samples of the input have an index up to and including the given one. */
function pushedCounter(input: readonly LawBlock[]): (index: number) => number {
  return index => {
    let count = 0
    for (const block of input) count += Math.max(0, Math.min(blockLength(block), index - block.start + 1))
    return count
  }
}

function isSampleOutput(output: unknown): output is { start: number; gapBefore: number; flags: number; samples: Float64Array } {
  return typeof output === 'object' && output !== null && (output as { samples?: unknown }).samples instanceof Float64Array
}

function joinOutputs(outputs: readonly unknown[]): unknown {
  if (!outputs.every(isSampleOutput)) return outputs
  const runs: { start: number; gapBefore: number; samples: number[] }[] = []
  for (const block of outputs) {
    if (block.samples.length === 0) continue
    const current = runs.at(-1)
    if (current && block.gapBefore === 0 && block.start === current.start + current.samples.length) current.samples.push(...block.samples)
    else runs.push({ start: block.start, gapBefore: block.gapBefore, samples: [...block.samples] })
  }
  return runs
}

function defaultPosition(output: unknown): number | undefined {
  if (isSampleOutput(output)) return output.start + output.samples.length - 1
  if (numberOf(output, 'decided') === undefined || (output as { kind?: string }).kind === 'rhythm') return undefined
  const to = numberOf(output, 'to')
  return to === undefined ? numberOf(output, 'index') : to - 1
}

/** First and last index that an output rests on, for outputs that claim an unbroken stretch. */
function spanOf(output: unknown, fs: number | undefined): [number, number] | undefined {
  if (isSampleOutput(output)) return [output.start, output.start + output.samples.length - 1]
  const index = numberOf(output, 'index')
  const interval = numberOf(output, 'rrSeconds') ?? numberOf(output, 'intervalSeconds')
  if (index === undefined || interval === undefined) return undefined
  if (fs === undefined) throw new Error('outputs carry intervals: the laws need `fs`')
  return [index - interval * fs, index]
}

function numberOf(output: unknown, key: string): number | undefined {
  const value = (output as Record<string, unknown> | null)?.[key]
  return typeof value === 'number' ? value : undefined
}

/** Frames say by NaN what is missing. */
function allFinite(value: unknown): boolean {
  if ((value as { kind?: unknown } | null)?.kind === 'frame') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (value instanceof Float64Array) return value.every(Number.isFinite)
  if (typeof value === 'object' && value !== null) return Object.values(value).every(allFinite)
  return true
}

function describeOutput(output: unknown): string {
  return JSON.stringify(output, (_, value) => (value instanceof Float64Array ? `${value.length} samples` : value))
}

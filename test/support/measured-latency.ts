import { planStream } from '../../src/monitor/plan.js'
import type { Observation } from '../../src/signal/observation.js'
import { cutBlocks } from '../laws/blocks.js'
import { run } from '../laws/stage-laws.js'
import { drawStream, type StreamShape } from './synthetic-streams.js'

export interface MeasuredLatency {
  readonly what: string
  readonly count: number
  /** Seconds from the newest sample that an observation is about to the sample with which it was said. */
  readonly median: number
  readonly max: number
}

export interface StreamLatency {
  readonly id: string
  readonly fs: number
  readonly chain: string
  /** Seconds. */
  readonly declared: { readonly min: number; readonly max: number }
  readonly measured: readonly MeasuredLatency[]
}

const seconds = 120

/** Pushes two minutes of a stream, a sample at a time, and measures each thing that its chain says before the end. */
export function measureLatency(shape: StreamShape, fs: number): StreamLatency {
  const { spec, channels } = drawStream(shape, fs, seconds)
  const { chain } = planStream(spec)
  const delays = new Map<string, number[]>()
  const whole = { start: 0, length: channels[0]!.length, flags: 0, channels }
  for (const { output, last, atFlush } of run(
    chain,
    cutBlocks([whole], () => 1),
  )) {
    const about = aboutUntil(output)
    if (atFlush || about === null) continue
    const list = delays.get(nameOf(output)) ?? []
    delays.set(nameOf(output), list)
    list.push((last - about) / fs)
  }
  const measured = [...delays].map(([what, list]) => {
    list.sort((a, b) => a - b)
    return { what, count: list.length, median: list[list.length >> 1]!, max: list.at(-1)! }
  })
  return { id: shape.id, fs, chain: chain.name, declared: { min: chain.latency.min / fs, max: chain.latency.max / fs }, measured }
}

/** Newest sample that an observation is about; null for states, which may begin long before they show. */
function aboutUntil(output: Observation): number | null {
  if (output.kind === 'rhythm' || output.kind === 'episode') return null
  return 'to' in output ? output.to - 1 : output.index
}

function nameOf(output: Observation): string {
  return output.kind === 'measurement' ? output.name : output.kind
}

/** The rows of docs/latency.md. */
export function latencyRows(streams: readonly StreamLatency[]): string[] {
  const figure = (value: number): string => value.toFixed(2)
  return streams.map(({ id, fs, chain, declared, measured }) => {
    const groups = new Map<string, string[]>()
    for (const { what, median, max } of measured) {
      const delay = max < 0.005 ? 'at once' : `${figure(median)} / ${figure(max)}`
      groups.set(delay, [...(groups.get(delay) ?? []), what])
    }
    const said = [...groups].map(([delay, names]) => `${delay}: ${names.join(', ')}`).join('; ')
    return `| ${id} | ${fs} | ${chain} | ${figure(declared.min)} to ${figure(declared.max)} | ${said || 'nothing is said'} |`
  })
}

import type { SampleBlock, StreamBlock } from '../../src/signal/sample-block.js'

export type LawBlock = SampleBlock | StreamBlock

export function blockLength(block: LawBlock): number {
  return 'channels' in block ? block.length : block.samples.length
}

/** Samples [from, to) of a block as a block with arrays of its own. Only the piece with the first sample keeps `gapBefore`. */
export function pieceOf<In extends LawBlock>(block: In, from: number, to: number): In {
  const head = { start: block.start + from, flags: block.flags }
  if ('channels' in block) {
    const marks = block.paceMarks === undefined ? {} : { paceMarks: block.paceMarks }
    return { ...head, length: to - from, channels: block.channels.map(channel => channel.slice(from, to)), ...marks } as LawBlock as In
  }
  return { ...head, gapBefore: from === 0 ? block.gapBefore : 0, samples: block.samples.slice(from, to) } as LawBlock as In
}

/** The same input in pieces whose lengths `nextLength` gives. */
export function cutBlocks<In extends LawBlock>(input: readonly In[], nextLength: () => number): In[] {
  const pieces: In[] = []
  for (const block of input) {
    const length = blockLength(block)
    for (let from = 0; from < length; ) {
      const to = Math.min(length, from + Math.max(1, Math.floor(nextLength())))
      pieces.push(pieceOf(block, from, to))
      from = to
    }
  }
  return pieces
}

/** Overwrites a lent block after `push`: a stage that kept the array instead of its values then gives another answer. */
export function spoil(block: LawBlock): void {
  const arrays = 'channels' in block ? block.channels : [block.samples]
  for (const array of arrays) array.fill(1e9)
}

/** Lost stretches [from, to) that the block starts tell of. NaN stretches are not listed. */
export function gapsOf(input: readonly LawBlock[]): [number, number][] {
  const gaps: [number, number][] = []
  let end: number | null = null
  for (const block of input) {
    if (end !== null && block.start > end) gaps.push([end, block.start])
    end = block.start + blockLength(block)
  }
  return gaps
}

export function hasMissing(input: readonly LawBlock[]): boolean {
  if (gapsOf(input).length > 0) return true
  return input.some(block => ('channels' in block ? block.channels : [block.samples]).some(array => array.some(Number.isNaN)))
}

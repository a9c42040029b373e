/**
 * Where chunks of one stream stand in the journal, a row for up to ten seconds of them: raw data stays where it was
 * acknowledged, and the store keeps only these references. A row may come twice after a crash, and two rows may share
 * chunks; whoever reads drops the chunk whose `index` it has.
 */
export interface WaveSegment {
  readonly patient: string
  readonly device: string
  readonly boot: number
  readonly stream: string
  /** Patient time of the first sample and just after the last, microseconds. */
  readonly from: number
  readonly to: number
  /** Name of the segment file in the journal folder. */
  readonly file: string
  /** One entry a chunk: index of its first sample, samples per channel, byte offset and length of its journal record. */
  readonly chunks: readonly (readonly [index: number, n: number, position: number, length: number])[]
}

/**
 * Where a chunk stands in the journal: raw data stays where it was acknowledged, and the store keeps only references. A
 * row may come twice after a crash, and a late chunk out of order; whoever reads sorts by the sample index in the chunk.
 */
export interface WaveSegment {
  readonly patient: string
  readonly device: string
  readonly boot: number
  readonly stream: string
  /** Patient time of the first sample and just after the last, microseconds. */
  readonly from: number
  readonly to: number
  /** Journal file, relative to the data folder. */
  readonly log: string
  /** Byte position and length of the journal record in it. */
  readonly offset: number
  readonly length: number
}

/** Lines of one event log record: the journal file, then a row for each chunk. */
export function formatSegments(segments: readonly WaveSegment[]): string {
  let lines = ''
  let log = ''
  for (const s of segments) {
    if (s.log !== log) lines += JSON.stringify((log = s.log)) + '\n'
    lines += JSON.stringify([s.patient, s.device, s.boot, s.stream, s.from, s.to, s.offset, s.length]) + '\n'
  }
  return lines
}

export function parseSegments(lines: string): WaveSegment[] {
  const segments: WaveSegment[] = []
  let log = ''
  for (const line of lines.split('\n')) {
    if (line === '') continue
    const row = JSON.parse(line) as string | [string, string, number, string, number, number, number, number]
    if (typeof row === 'string') log = row
    else {
      const [patient, device, boot, stream, from, to, offset, length] = row
      segments.push({ patient, device, boot, stream, from, to, log, offset, length })
    }
  }
  return segments
}

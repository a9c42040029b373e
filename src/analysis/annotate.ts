import path from 'node:path'
import { type AnnotationOptions, type NewAnnotation, writeAnnotations } from '../recording/wfdb-annotation-writer.js'
import type { RhythmName } from '../signal/observation.js'
import { type Rate, sameRate } from '../signal/rate.js'
import type { Analysis } from './analyze-recording.js'
import { writeWhole } from './output-file.js'

/** An annotation at a sample of one of the analysed streams; `sample` and `channel` are the stream's. */
interface StreamMark {
  readonly stream: string
  readonly mark: NewAnnotation
}

/** Rhythm annotations of the WFDB library; rhythms without one there are noted under their own name. */
const rhythmLabels: Readonly<Partial<Record<RhythmName, string>>> = {
  'atrial-fibrillation': '(AFIB',
  bigeminy: '(B',
  trigeminy: '(T',
  'ventricular-tachycardia': '(VT',
  bradycardia: '(SBR',
}

/**
 * Writes what an analysis found as WFDB annotations into a folder: confirmed beats as `RECORD.vw`, rhythms as `RECORD.vwr`
 * (fibrillation from `[` to `]`, others as rhythm changes; `(N` where the last of them ends), waves of the beats as `RECORD.vwd`
 * (`(` and `)` with num 0 for P, 1 for QRS, 2 for T; `p`, `t`). Sample and channel numbers are the recording's own, whatever
 * part and channels of it were analysed. In a recording of several rates they count samples of the signal that the first
 * annotation was found in, and a note at the start of the file says that rate.
 */
export async function writeAnalysisAnnotations(folder: string, analysis: Analysis): Promise<void> {
  await writeMarks(folder, 'vw', analysis, beatMarks(analysis))
  await writeMarks(folder, 'vwr', analysis, rhythmMarks(analysis))
  await writeMarks(folder, 'vwd', analysis, waveMarks(analysis))
}

function beatMarks({ events }: Analysis): StreamMark[] {
  return events.flatMap(({ type, body }) => {
    if (type !== 'beat') return []
    const { sample, channel } = body as { sample: { stream: string; index: number }; channel: number }
    return [{ stream: sample.stream, mark: { sample: sample.index, symbol: String(body.class), channel } }]
  })
}

function rhythmMarks({ events }: Analysis): StreamMark[] {
  const running = new Map<string, RhythmName[]>()
  return events.flatMap(({ type, body }): StreamMark[] => {
    if (type !== 'rhythm') return []
    const { rhythm, on, sample } = body as { rhythm: RhythmName; on: boolean; sample: { stream: string; index: number } }
    const at = (symbol: string, aux = ''): StreamMark => ({ stream: sample.stream, mark: { sample: sample.index, symbol, aux } })
    if (rhythm === 'ventricular-fibrillation') return [at(on ? '[' : ']')]
    const others = (running.get(sample.stream) ?? []).filter(other => other !== rhythm)
    running.set(sample.stream, on ? [...others, rhythm] : others)
    const now = running.get(sample.stream)!.at(-1)
    return [at('+', now === undefined ? '(N' : (rhythmLabels[now] ?? `(${now}`))]
  })
}

function waveMarks({ waves }: Analysis): StreamMark[] {
  return waves.flatMap(({ stream, observation }): StreamMark[] => {
    if (observation.kind !== 'delineation') return []
    const { pOnset, pPeak, pEnd, qrsOnset, index, qrsEnd, tPeak, tEnd, channel } = observation
    const places: [place: number | null, symbol: string, num: number][] = [
      [pOnset, '(', 0],
      [pPeak, 'p', 0],
      [pEnd, ')', 0],
      [qrsOnset, '(', 1],
      [index, 'N', 1],
      [qrsEnd, ')', 1],
      [tPeak, 't', 2],
      [tEnd, ')', 2],
    ]
    return places.flatMap(([place, symbol, num]) =>
      place === null ? [] : [{ stream, mark: { sample: Math.round(place), symbol, num, channel } }],
    )
  })
}

async function writeMarks(folder: string, annotator: string, analysis: Analysis, marks: readonly StreamMark[]): Promise<void> {
  const { document, streams, rates } = analysis
  const found = new Map<string, NewAnnotation[]>()
  for (const { stream, mark } of marks) {
    const { firstSample, signals } = streams.find(({ spec }) => spec.id === stream)!
    const own = found.get(stream) ?? []
    own.push({ ...mark, sample: mark.sample + firstSample, channel: signals[mark.channel ?? 0] ?? 0 })
    found.set(stream, own)
  }
  const rateOf = (stream: string): Rate => streams.find(({ spec }) => spec.id === stream)!.spec.fs
  const first = [...found.keys()][0]
  const ticks = first === undefined ? undefined : rateOf(first)
  const annotations = ticks === undefined ? [] : [...found].flatMap(([stream, own]) => inTicks(own, rateOf(stream), ticks))
  const options: AnnotationOptions = ticks === undefined || rates.every(rate => sameRate(rate, ticks)) ? {} : { timeResolution: ticks }
  await writeWhole(path.join(folder, `${document.record}.${annotator}`), target => writeAnnotations(target, annotations, options))
}

function inTicks(marks: readonly NewAnnotation[], fs: Rate, ticks: Rate): readonly NewAnnotation[] {
  if (sameRate(fs, ticks)) return marks
  const scale = (ticks.num * fs.den) / (ticks.den * fs.num)
  return marks.map(mark => ({ ...mark, sample: Math.round(mark.sample * scale) }))
}

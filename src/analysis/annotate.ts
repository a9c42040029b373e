import path from 'node:path'
import { type AnnotationOptions, type NewAnnotation, writeAnnotations } from '../recording/wfdb-annotation-writer.js'
import type { BeatClass } from '../signal/observation.js'
import { type Rate, sameRate } from '../signal/rate.js'
import type { Analysis } from './analyze-recording.js'
import { writeWhole } from './output-file.js'

const symbols: Readonly<Record<BeatClass, string>> = { N: 'N', S: 'S', V: 'V', F: 'F', Q: 'Q' }

/**
 * Writes the beats of an analysis as WFDB annotations `RECORD.vw` into a folder. Sample and channel numbers are the
 * recording's own, whatever part and channels of it were analysed. In a recording of several rates they count samples of
 * the signal that the first beat was found in, and a note at the start of the file says that rate.
 */
export async function writeBeatAnnotations(folder: string, analysis: Analysis): Promise<void> {
  const { document, streams, rates } = analysis
  const found = new Map<string, NewAnnotation[]>()
  for (const event of analysis.events) {
    if (event.type !== 'beat') continue
    const { sample, channel } = event.body as { sample: { stream: string; index: number }; channel: number }
    const stream = streams.find(({ spec }) => spec.id === sample.stream)!
    const beats = found.get(sample.stream) ?? []
    beats.push({
      sample: sample.index + stream.firstSample,
      symbol: symbols[event.body.class as BeatClass],
      channel: stream.signals[channel] ?? 0,
    })
    found.set(sample.stream, beats)
  }
  const from = [...found].map(([id, beats]) => ({ stream: streams.find(({ spec }) => spec.id === id)!, beats }))
  const ticks = from[0]?.stream.spec.fs
  const annotations = ticks === undefined ? [] : from.flatMap(({ stream, beats }) => inTicks(beats, stream.spec.fs, ticks))
  const options: AnnotationOptions = ticks === undefined || rates.every(rate => sameRate(rate, ticks)) ? {} : { timeResolution: ticks }
  await writeWhole(path.join(folder, `${document.record}.vw`), target => writeAnnotations(target, annotations, options))
}

function inTicks(beats: readonly NewAnnotation[], fs: Rate, ticks: Rate): readonly NewAnnotation[] {
  if (sameRate(fs, ticks)) return beats
  const scale = (ticks.num * fs.den) / (ticks.den * fs.num)
  return beats.map(beat => ({ ...beat, sample: Math.round(beat.sample * scale) }))
}

import path from 'node:path'
import { type NewAnnotation, writeAnnotations } from '../recording/wfdb-annotation-writer.js'
import type { BeatClass } from '../signal/observation.js'
import type { Analysis } from './analyze-recording.js'

const symbols: Readonly<Record<BeatClass, string>> = { N: 'N', S: 'S', V: 'V', F: 'F', Q: 'Q' }

/** Writes the beats of an analysis as WFDB annotations `RECORD.vw` into a folder; sample numbers are the recording's own. */
export async function writeBeatAnnotations(folder: string, analysis: Analysis): Promise<void> {
  const annotations: NewAnnotation[] = []
  for (const event of analysis.events) {
    if (event.type !== 'beat') continue
    const { sample, channel } = event.body as { sample: { stream: string; index: number }; channel: number }
    const offset = analysis.firstSamples.get(sample.stream) ?? 0
    annotations.push({ sample: sample.index + offset, symbol: symbols[event.body.class as BeatClass], channel })
  }
  await writeAnnotations(path.join(folder, `${analysis.document.record}.vw`), annotations)
}

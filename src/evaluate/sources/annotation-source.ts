import path from 'node:path'
import { readRecordAnnotations } from '../database.js'
import type { TestInput, TestOutput, TestSource } from '../test-source.js'

/** Annotation files that are there: `FOLDER/RECORD.ANNOTATOR`. */
export class AnnotationSource implements TestSource {
  readonly name: string
  readonly #folder: string
  readonly #annotator: string

  constructor(folder: string, annotator: string) {
    this.name = `annotator ${annotator}`
    this.#folder = folder
    this.#annotator = annotator
  }

  async read({ name, fs }: Pick<TestInput, 'name' | 'fs'>): Promise<TestOutput> {
    const annotations = await readRecordAnnotations(this.#file(name), fs)
    const sorted = [...annotations].sort((a, b) => a.sample - b.sample)
    return { annotations: sorted, fastBeats: null, rejected: null, latency: null, cpuSeconds: null, signalSeconds: 0, observations: null }
  }

  parameters(): null {
    return null
  }

  files(record: string): readonly string[] {
    return [this.#file(record)]
  }

  async close(): Promise<void> {}

  #file(record: string): string {
    return path.join(this.#folder, `${record}.${this.#annotator}`)
  }
}

import type { SignalSource } from '../device/signal-source.js'
import type { NewAnnotation } from '../recording/wfdb-annotation-writer.js'
import type { Observation } from '../signal/observation.js'
import type { Rate } from '../signal/rate.js'

/** One record as a detector gets it. */
export interface TestInput {
  /** Name for messages and files; with added noise not that of the record. */
  readonly name: string
  /** Rate of the annotations' sample numbers. */
  readonly fs: Rate
  open(): Promise<SignalSource>
}

/** Stretch of a record, samples of its annotations, [from, to). */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** What a detector says of one record. Sample numbers are those of the record's annotations. */
export interface TestOutput {
  /** In the order of their samples. */
  readonly annotations: readonly NewAnnotation[]
  /** Beats as they were first said, ascending; those that nothing confirmed are among them. null when the detector says no fast beats. */
  readonly fastBeats: readonly number[] | null
  /** Stretches whose signal the detector itself holds to be unusable, disjoint and in order; null when it says nothing of it. */
  readonly rejected: readonly Stretch[] | null
  readonly latency: TestLatency | null
  /** CPU time of detection alone; null when it is not known. */
  readonly cpuSeconds: number | null
  /** Seconds of signal that went in. */
  readonly signalSeconds: number
  /** All that a chain said, with its own sample numbers; null when the detector is none. */
  readonly observations: ObservedStream | null
}

export interface ObservedStream {
  readonly fs: Rate
  /** Sample of the recording's signals that is index 0 of the observations. */
  readonly firstSample: number
  readonly observations: readonly Observation[]
}

/** Milliseconds from the R peak's sample to the arrival of the packet with which a beat was said; a number a beat. */
export interface TestLatency {
  readonly confirmed: readonly number[]
  /** Until a beat was first said, `fast` or confirmed; null when the detector says no fast beats. */
  readonly fast: readonly number[] | null
}

/** Makes the annotations that are scored. */
export interface TestSource {
  /** For people: `vitalwire`, `annotator gqrs`, `program python3 x.py`. */
  readonly name: string
  read(input: TestInput): Promise<TestOutput>
  /** Parameters of what was run so far, each kind of stream once; null when there is nothing to say. Plain JSON. */
  parameters(): readonly unknown[] | null
  /** Files that the results depend on, beside recordings and references. */
  files(record: string): readonly string[]
  close(): Promise<void>
}

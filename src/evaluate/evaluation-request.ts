/** Whose output is scored. Plain data: it stands in the manifest of a run and makes the same run again. */
export type TestChoice =
  | { readonly kind: 'pipeline' }
  /** Existing annotation files `FOLDER/RECORD.ANNOTATOR`. */
  | { readonly kind: 'annotations'; readonly annotator: string; readonly folder: string }
  /** A program over standard input and output; docs/evaluate.md has the frames. */
  | { readonly kind: 'program'; readonly command: string; readonly timeoutSeconds: number }
  /** A module whose default export makes a chain of a stream. */
  | { readonly kind: 'stage'; readonly file: string }

/** Which noise is added, and how strongly. */
export interface NoiseChoice {
  /** Folder of the noise recordings. */
  readonly folder: string
  readonly panels: readonly NoisePanel[]
}

/** Every record with every kind of noise at every signal-to-noise ratio. */
export interface NoisePanel {
  readonly name: string
  readonly records: readonly string[]
  /** Names of noise recordings: `em` electrode motion, `ma` muscle, `bw` baseline wander. */
  readonly kinds: readonly string[]
  /** Decibels. */
  readonly snrs: readonly number[]
}

/** What `evaluate` was asked for. */
export interface EvaluationRequest {
  readonly suite: string
  /** Folder of the recordings and their references. */
  readonly database: string
  /** Names of records; null: all that there are. */
  readonly records: readonly string[] | null
  /** Names or indexes of signals; null: all ECG signals. */
  readonly channels: readonly (string | number)[] | null
  /** Extension of the reference annotations. */
  readonly reference: string
  readonly test: TestChoice
  /** Annotator that the test is held against, record by record (paired); null: none. */
  readonly compare: { readonly annotator: string; readonly folder: string } | null
  /** Comparison begins and ends here, seconds from the start of a record; null: its end. Detectors always see all of it. */
  readonly from: number
  readonly to: number | null
  readonly windowSeconds: number
  /** Length of the packets that a detector is fed with, seconds. */
  readonly packetSeconds: number
  readonly noise: NoiseChoice | null
}

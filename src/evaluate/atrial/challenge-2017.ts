import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type RhythmLabel, rhythmLabels } from '../../ecg/rhythm/rhythm-summary.js'
import { VitalwireError } from '../../errors.js'
import { type Interval, quantileOfSorted, randomFrom } from '../compare/intervals.js'

/** How many records of each label the PhysioNet/CinC Challenge 2017's training database has. */
const challengePrevalence: Readonly<Record<RhythmLabel, number>> = { N: 5076, A: 758, O: 2415, '~': 279 }

export interface ChallengePrediction {
  readonly record: string
  readonly label: RhythmLabel
  /** Of each label; without it there are no areas under the curve. */
  readonly probabilities?: Readonly<Record<RhythmLabel, number>>
}

export interface LabelScore {
  /** Records with this label in the reference. */
  readonly records: number
  /** null where nothing has the label, neither in the reference nor in the predictions. */
  readonly f1: number | null
  readonly f1Interval: Interval | null
  /** Area under the curve of this label's probability against all others, re-weighted. */
  readonly auc: number | null
  readonly aucInterval: Interval | null
}

export interface ChallengeScore {
  readonly records: number
  readonly labels: Readonly<Record<RhythmLabel, LabelScore>>
  /** Mean F1 of N, A and O: the challenge's score. */
  readonly meanF1: number | null
  readonly ci95: Interval | null
  /** Rows: reference, columns: prediction; records as they are. */
  readonly confusion: Readonly<Record<RhythmLabel, Readonly<Record<RhythmLabel, number>>>>
  /** Records with a reference for which there is no prediction; they count as none of the labels. */
  readonly unpredicted: readonly string[]
}

interface Scored {
  readonly truth: RhythmLabel
  readonly said: RhythmLabel | null
  readonly probabilities: Readonly<Record<RhythmLabel, number>> | null
}

/** Labels of `REFERENCE.csv` by record; a heading line is passed over. Throws `recording-missing` or `recording-format`. */
export async function readChallengeReferences(folder: string): Promise<Map<string, RhythmLabel>> {
  const file = path.join(folder, 'REFERENCE.csv')
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new VitalwireError('recording-missing', `${file} is not readable: ${cause.message}; accepted: a line RECORD,LABEL a record`, {
      cause,
    })
  })
  const references = new Map<string, RhythmLabel>()
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || (i === 0 && line.startsWith('record'))) return
    const [record, label] = line.split(',').map(part => part.trim())
    if (!record || !isLabel(label)) {
      throw new VitalwireError(
        'recording-format',
        `${file} line ${i + 1}: ${JSON.stringify(line)}; accepted: RECORD,LABEL with label ${rhythmLabels.join(', ')}`,
      )
    }
    references.set(record, label)
  })
  if (references.size === 0) throw new VitalwireError('recording-format', `${file} names no record; accepted: a line RECORD,LABEL a record`)
  return references
}

/**
 * Scores predictions as the challenge does (Clifford et al., Computing in Cardiology 44, 2017): F1 of each label, mean over N, A and
 * O. Each record weighs as its label's share in `prevalence` over its share among the references, so that a part with
 * another mixture is scored as if it had the database's. Intervals: 95 %, records drawn with replacement within each label.
 */
export function scoreChallenge2017(
  predictions: readonly ChallengePrediction[],
  references: ReadonlyMap<string, RhythmLabel>,
  prevalence: Readonly<Record<RhythmLabel, number>> = challengePrevalence,
  { draws = 1000, seed = 1 }: { draws?: number; seed?: number } = {},
): ChallengeScore {
  const byRecord = new Map(predictions.map(prediction => [prediction.record, prediction]))
  const all: Scored[] = [...references].map(([record, truth]) => {
    const prediction = byRecord.get(record)
    return { truth, said: prediction?.label ?? null, probabilities: prediction?.probabilities ?? null }
  })
  const groups = rhythmLabels.map(label => all.filter(({ truth }) => truth === label))
  const random = randomFrom(seed)
  const drawn = Array.from({ length: draws }, () => {
    const sample = groups.flatMap(group => group.map(() => group[Math.floor(random() * group.length)] as Scored))
    return { f1: f1Scores(sample, prevalence), auc: areas(sample, prevalence) }
  })
  const f1 = f1Scores(all, prevalence)
  const auc = areas(all, prevalence)
  const labels = Object.fromEntries(
    rhythmLabels.map((label, i) => [
      label,
      {
        records: (groups[i] as Scored[]).length,
        f1: f1[label],
        f1Interval: intervalOf(drawn.map(draw => draw.f1[label])),
        auc: auc[label],
        aucInterval: intervalOf(drawn.map(draw => draw.auc[label])),
      },
    ]),
  ) as Record<RhythmLabel, LabelScore>
  return {
    records: all.length,
    labels,
    meanF1: meanOfThree(f1),
    ci95: intervalOf(drawn.map(draw => meanOfThree(draw.f1))),
    confusion: confusionOf(all),
    unpredicted: [...references.keys()].filter(record => !byRecord.has(record)),
  }
}

function weights(sample: readonly Scored[], prevalence: Readonly<Record<RhythmLabel, number>>): Record<RhythmLabel, number> {
  const counts = countBy(sample, ({ truth }) => truth)
  return Object.fromEntries(rhythmLabels.map(label => [label, counts[label] > 0 ? prevalence[label] / counts[label] : 0])) as Record<
    RhythmLabel,
    number
  >
}

function f1Scores(sample: readonly Scored[], prevalence: Readonly<Record<RhythmLabel, number>>): Record<RhythmLabel, number | null> {
  const weight = weights(sample, prevalence)
  return Object.fromEntries(
    rhythmLabels.map(label => {
      let both = 0
      let either = 0
      for (const { truth, said } of sample) {
        if (truth === label && said === label) both += weight[truth]
        either += weight[truth] * (Number(truth === label) + Number(said === label))
      }
      return [label, either > 0 ? (2 * both) / either : null]
    }),
  ) as Record<RhythmLabel, number | null>
}

/** Probability that a record of the label has the higher probability than one of another label; ties count half. */
function areas(sample: readonly Scored[], prevalence: Readonly<Record<RhythmLabel, number>>): Record<RhythmLabel, number | null> {
  const weight = weights(sample, prevalence)
  const told = sample.flatMap(({ truth, probabilities }) => (probabilities === null ? [] : [{ truth, probabilities }]))
  return Object.fromEntries(
    rhythmLabels.map(label => {
      const sorted = told.map(({ truth, probabilities }) => ({ truth, p: probabilities[label] })).sort((a, b) => a.p - b.p)
      let below = 0
      let won = 0
      let own = 0
      for (let i = 0; i < sorted.length; ) {
        let end = i
        let tiedOthers = 0
        let tiedOwn = 0
        while (end < sorted.length && sorted[end]?.p === sorted[i]?.p) {
          const { truth } = sorted[end] as { truth: RhythmLabel }
          if (truth === label) tiedOwn += weight[truth]
          else tiedOthers += weight[truth]
          end += 1
        }
        won += tiedOwn * (below + tiedOthers / 2)
        own += tiedOwn
        below += tiedOthers
        i = end
      }
      return [label, own > 0 && below > 0 ? won / (own * below) : null]
    }),
  ) as Record<RhythmLabel, number | null>
}

function meanOfThree(f1: Readonly<Record<RhythmLabel, number | null>>): number | null {
  const { N, A, O } = f1
  return N === null || A === null || O === null ? null : (N + A + O) / 3
}

function confusionOf(all: readonly Scored[]): Record<RhythmLabel, Record<RhythmLabel, number>> {
  const row = (label: RhythmLabel) =>
    countBy(
      all.filter(({ truth }) => truth === label),
      ({ said }) => said,
    )
  return Object.fromEntries(rhythmLabels.map(label => [label, row(label)])) as Record<RhythmLabel, Record<RhythmLabel, number>>
}

function countBy(sample: readonly Scored[], of: (scored: Scored) => RhythmLabel | null): Record<RhythmLabel, number> {
  return Object.fromEntries(rhythmLabels.map(label => [label, sample.filter(scored => of(scored) === label).length])) as Record<
    RhythmLabel,
    number
  >
}

function intervalOf(values: readonly (number | null)[]): Interval | null {
  const known = values.filter(value => value !== null).sort((a, b) => a - b)
  return known.length === 0 ? null : { low: quantileOfSorted(known, 0.025), high: quantileOfSorted(known, 0.975) }
}

function isLabel(text: string | undefined): text is RhythmLabel {
  return rhythmLabels.some(label => label === text)
}

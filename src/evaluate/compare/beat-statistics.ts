import { type BeatClass, beatClasses, type ReferenceClass, referenceClasses, type TestClass, testClasses } from './annotation-classes.js'
import type { BeatMatrix } from './compare-beats.js'

/** How often one kind of beat was found (tp), missed (fn), called where it is not (fp), and rightly not called (tn). */
export interface Detection {
  readonly tp: number
  readonly fn: number
  readonly fp: number
  readonly tn: number
}

/** Ratios of a detection, as fractions; null where the denominator is 0. */
export interface DetectionRatios {
  readonly se: number | null
  readonly ppv: number | null
  readonly f1: number | null
  /** False positives among all that is not of that kind. */
  readonly fpr: number | null
}

const foundClasses: readonly TestClass[] = ['n', 's', 'v', 'f', 'q']

function sum(matrix: BeatMatrix, rows: readonly ReferenceClass[], columns: readonly TestClass[]): number {
  let total = 0
  for (const row of rows) for (const column of columns) total += matrix[row][column]
  return total
}

/** Any beat against no beat: classes do not matter. There is no true negative. */
export function qrsDetection(matrix: BeatMatrix): Detection {
  return {
    tp: sum(matrix, beatClasses, foundClasses),
    fn: sum(matrix, beatClasses, ['o', 'x']),
    fp: sum(matrix, ['O', 'X'], foundClasses),
    tn: 0,
  }
}

/**
 * One class against the others. EC57 neither rewards nor punishes V called for a fusion or unclassifiable beat, nor S called
 * for an unclassifiable one: these are in no count.
 */
function classDetection(matrix: BeatMatrix, truth: BeatClass, called: TestClass, ignored: readonly BeatClass[]): Detection {
  const others = referenceClasses.filter(name => name !== truth)
  return {
    tp: matrix[truth][called],
    fn: sum(matrix, [truth], testClasses) - matrix[truth][called],
    fp: sum(
      matrix,
      others.filter(name => !(ignored as readonly ReferenceClass[]).includes(name)),
      [called],
    ),
    tn: sum(
      matrix,
      others,
      foundClasses.filter(name => name !== called),
    ),
  }
}

export function ventricularDetection(matrix: BeatMatrix): Detection {
  return classDetection(matrix, 'V', 'v', ['F', 'Q'])
}

export function supraventricularDetection(matrix: BeatMatrix): Detection {
  return classDetection(matrix, 'S', 's', ['Q'])
}

export function addDetections(detections: readonly Detection[]): Detection {
  const total = { tp: 0, fn: 0, fp: 0, tn: 0 }
  for (const { tp, fn, fp, tn } of detections) {
    total.tp += tp
    total.fn += fn
    total.fp += fp
    total.tn += tn
  }
  return total
}

export function detectionRatios({ tp, fn, fp, tn }: Detection): DetectionRatios {
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
  return { se: ratio(tp, tp + fn), ppv: ratio(tp, tp + fp), f1: ratio(2 * tp, 2 * tp + fn + fp), fpr: ratio(fp, fp + tn) }
}

/**
 * Constants of the delineation, found on half of QTDB's records (docs/algorithms/ecg-delineation.md). Milliseconds, unless a
 * name says otherwise; shares are of the steepest slope of the wave in question.
 */
export interface DelineationParameters {
  /** The steepest slope of the QRS complex is looked for so far round the R peak. */
  readonly qrsCoreMs: number
  /** An extreme of the slope (scale 2) belongs to the complex if it is this share of the steepest, */
  readonly qrsBefore: number
  readonly qrsAfter: number
  /** and follows the one before within this time. */
  readonly qrsBridgeBeforeMs: number
  readonly qrsBridgeAfterMs: number
  readonly qrsLongestBeforeMs: number
  readonly qrsLongestAfterMs: number
  /** Onset and end: the slope falls below this share of the outermost extreme, but not below the floor's share of the steepest. */
  readonly qrsOnsetShare: number
  readonly qrsEndShare: number
  readonly qrsOnsetFloor: number
  readonly qrsEndFloor: number
  readonly qrsOnsetShiftMs: number
  readonly qrsEndShiftMs: number

  /** The T wave begins at least so long after the QRS end. */
  readonly tFromMs: number
  /** Its peak, its last flank and its end lie before this, in seconds after the R peak at an RR interval of 1 s. */
  readonly tPlace: number
  readonly tFlankLimit: number
  readonly tEndLimit: number
  /** How far from `tPlace` a wave is believed, as a share of `tPlace`. */
  readonly tPlaceWidth: number
  /** Weight of the weaker flank in the strength of a pair; the stronger has the rest. */
  readonly tPairWeight: number
  /** A third flank belongs to the wave (biphasic) from this share of the pair's mean on, within this time. */
  readonly tBiphasicShare: number
  readonly tBiphasicMs: number
  readonly tEndShare: number
  readonly tEndShiftMs: number

  /** The P wave lies at most so long before the R peak, usually at `pPlaceMs`, believed less the further away it is. */
  readonly pLongestMs: number
  readonly pPlaceMs: number
  readonly pPlaceWidthMs: number
  readonly pLongestFlanksMs: number
  readonly pBiphasicShare: number
  readonly pBiphasicMs: number
  readonly pOnsetShare: number
  readonly pEndShare: number
  readonly pOnsetShiftMs: number
  readonly pEndShiftMs: number
  /** There is a P wave if the beats' P waves are, on the average, so like that of their average (1: equal, 0: unlike). */
  readonly pLikeness: number
  /** Its onset or end, so far from where it was in the beats of its shape, is a slip of the search. */
  readonly pSlipMs: number

  /** Beats that an average remembers, and the share of the beat itself in the shape that is delineated. */
  readonly averageBeats: number
  readonly currentShare: number
  /** Correlation of QRS slopes from which a beat is of an average's shape. */
  readonly sameShape: number
  /** A wave near its last place in the same average is taken for this many times as strong: places do not jump. */
  readonly sameWave: number
  /** Another lead is chosen when it is so many times as good. */
  readonly leadHysteresis: number
  /** Below this quality of a lead's second its beats do not enter the averages. */
  readonly learnQuality: number
}

export const delineationDefaults: DelineationParameters = {
  qrsCoreMs: 100,
  qrsBefore: 0.09,
  qrsAfter: 0.08,
  qrsBridgeBeforeMs: 52,
  qrsBridgeAfterMs: 80,
  qrsLongestBeforeMs: 140,
  qrsLongestAfterMs: 180,
  qrsOnsetShare: 0.11,
  qrsEndShare: 0.063,
  qrsOnsetFloor: 0.07,
  qrsEndFloor: 0.084,
  qrsOnsetShiftMs: -9,
  qrsEndShiftMs: 6,
  tFromMs: 36,
  tPlace: 0.31,
  tFlankLimit: 0.56,
  tEndLimit: 0.66,
  tPlaceWidth: 0.5,
  tPairWeight: 0.85,
  tBiphasicShare: 0.9,
  tBiphasicMs: 100,
  tEndShare: 0.48,
  tEndShiftMs: 0,
  pLongestMs: 336,
  pPlaceMs: 174,
  pPlaceWidthMs: 70,
  pLongestFlanksMs: 100,
  pBiphasicShare: 0.75,
  pBiphasicMs: 62,
  pOnsetShare: 0.29,
  pEndShare: 0.3,
  pOnsetShiftMs: -2,
  pEndShiftMs: -4,
  pLikeness: 0.6,
  pSlipMs: 32,
  averageBeats: 40,
  currentShare: 0.16,
  sameShape: 0.9,
  sameWave: 1.8,
  leadHysteresis: 1.4,
  learnQuality: 0.5,
}

/** Frame samples are 4 ms; this is what times become. */
export const samplesPerMs = 0.25

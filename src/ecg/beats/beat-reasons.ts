import { at, featureNames } from './beat-feature-names.js'

/** Words that a verdict gives as its reasons. */
export const beatReasons = [
  'premature',
  'after-pause',
  'wide',
  'unlike-dominant',
  'no-p-wave',
  't-wave-changed',
  'group-history',
  'regular-rhythm',
  'noisy',
  'learning',
  'no-shape',
] as const
export type BeatReason = (typeof beatReasons)[number]

/** What a feature speaks of, by the end of its name (a lead's features are `own.` or `other.`). */
const topics: readonly (readonly [BeatReason, readonly string[]])[] = [
  [
    'premature',
    ['rrLocal', 'rrGlobal', 'rrUpper', 'rrPrevious', 'rrBorder', 'previousUpper', 'previousLocal', 'previousRr', 'onset', 'rrExpected'],
  ],
  ['wide', ['area', 'areaRatio', 'spread', 'spreadChange', 'width', 'widthChange', 'groupSpreadChange', 'slopeRatio']],
  [
    'unlike-dominant',
    ['correlation', 'heightRatio', 'polarity', 'polarityChange', 'ownGroup', 'groupLikeness', 'groupPolarityChange', 'previousCorrelation'],
  ],
  ['no-p-wave', ['pCorrelation', 'pAmount', 'pRest', 'pHeight', 'previousP', 'pPresence', 'pLikeness', 'pDrop']],
  ['t-wave-changed', ['tCorrelation', 'tLevelChange', 'tOpposition']],
  ['group-history', ['groupShare', 'groupPremature', 'groupAfter', 'groupBeats']],
  ['regular-rhythm', ['irregularity', 'steady', 'steadyPairs', 'rrSeparation', 'groupRatio', 'shortShare', 'rrSeconds']],
  ['noisy', ['roughness', 'quality']],
]

const topicOf: readonly number[] = featureNames.map(name => {
  const bare = name.slice(name.indexOf('.') + 1)
  return topics.findIndex(([, names]) => names.includes(bare))
})

const mostReasons = 3
/** A topic that adds less than this to the log odds is no reason. */
const leastWeight = 0.4

/** Adds up what each topic contributed to a score and names those that spoke loudest for it, at most three, loudest first. */
export function reasonsFor(contributions: Float64Array, features: readonly number[], values: Float64Array): BeatReason[] {
  const sums = new Float64Array(topics.length)
  for (let k = 0; k < features.length; k++) {
    const topic = topicOf[features[k] as number] ?? -1
    if (topic >= 0) sums[topic] = (sums[topic] as number) + (contributions[k] as number)
  }
  const reasons: BeatReason[] = []
  while (reasons.length < mostReasons) {
    let best = 0
    for (let topic = 1; topic < sums.length; topic++) if ((sums[topic] as number) > (sums[best] as number)) best = topic
    if (!((sums[best] as number) > leastWeight)) break
    sums[best] = 0
    const reason = (topics[best] as (typeof topics)[number])[0]
    const word = reason === 'premature' ? timing(values) : reason
    if (word !== null) reasons.push(word)
  }
  return reasons
}

/** Intervals can speak for a class without the beat being early; a word is given only where it is true. */
function timing(values: Float64Array): BeatReason | null {
  const local = values[at.rrLocal] as number
  const upper = values[at.rrUpper] as number
  const expected = values[at.rrExpected] as number
  if (local < 0.92 || upper < 0.88 || expected < 0.9) return 'premature'
  return local > 1.2 ? 'after-pause' : null
}

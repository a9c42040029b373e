/** Of the beat as a whole. */
const beatFeatures = [
  'rrLocal',
  'rrGlobal',
  'rrUpper',
  'rrPrevious',
  'previousLocal',
  'irregularity',
  'rrBorder',
  'rrSeparation',
  'groupRatio',
  'shortShare',
  'rrSeconds',
  'ownGroup',
  'groupShare',
  'groupPremature',
  'groupAfter',
  'groupLikeness',
  'groupBeats',
  'groupSpreadChange',
  'groupPolarityChange',
  'previousCorrelation',
  'previousRr',
  'previousUpper',
  'previousP',
  'pPresence',
  'steady',
  'steadyPairs',
  'onset',
  'rrExpected',
  'pLikeness',
  'pDrop',
  'quality',
] as const

/** Of each lead: the one of the beat (`own`), then the other one where there is one. */
const leadFeatures = [
  'correlation',
  'heightRatio',
  'areaRatio',
  'slopeRatio',
  'area',
  'spread',
  'width',
  'spreadChange',
  'widthChange',
  'polarity',
  'polarityChange',
  'tCorrelation',
  'tLevelChange',
  'tOpposition',
  'roughness',
  'pCorrelation',
  'pAmount',
  'pRest',
  'pHeight',
] as const

/** Names of the features, in the order of the array that `BeatFeatures.extract` fills; the models are fitted to this list. */
export const featureNames: readonly string[] = [
  ...beatFeatures,
  ...leadFeatures.map(name => `own.${name}`),
  ...leadFeatures.map(name => `other.${name}`),
]

/** Where a feature of the beat as a whole stands in that array. */
export const at = placesOf(beatFeatures)
/** Where a feature of a lead stands after `leadStart` of that lead. */
export const leadAt = placesOf(leadFeatures)

/** First feature of the beat's own lead (0) or of the other one (1). */
export function leadStart(which: 0 | 1): number {
  return beatFeatures.length + which * leadFeatures.length
}

function placesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>
}

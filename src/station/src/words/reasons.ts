const words: Readonly<Record<string, string>> = {
  'lead-off': 'lead off',
  'sensor-off': 'sensor off',
  'no-data': 'no data',
  'no-beat': 'no beat found',
  'never-measured': 'never measured',
  'needs-supplemental-oxygen': 'needs to know whether oxygen is given',
  'not-a-value': 'not a usable value',
  flat: 'signal is flat',
  noise: 'noise',
  saturated: 'signal is cut off',
  missing: 'samples are missing',
  'poor-signal': 'signal too poor',
  'poor-quality': 'signal too poor',
  'low-perfusion': 'weak pulse',
  'low-amplitude': 'signal too small',
  implausible: 'implausible',
  stale: 'too old',
  'age-below-16': 'not for patients under 16',
  pregnant: 'not in pregnancy',
}

/** A reason word of the engine in words for people: `too-few-beats` reads "too few beats", `inhibited:x` names x. */
export function printReason(reason: string | null): string {
  if (reason === null || reason === '') return 'no reason given'
  if (reason.startsWith('inhibited:')) return `because of ${printReason(reason.slice('inhibited:'.length))}`
  return words[reason] ?? reason.replaceAll('-', ' ')
}

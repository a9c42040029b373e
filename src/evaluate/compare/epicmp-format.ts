import type { EpisodeComparison, EpisodeKind } from './compare-episodes.js'
import { formatFixed, formatPercent } from './rounding.js'

/** One record in the standard format of `epicmp`. */
export function formatEpicmpReport(
  record: string,
  kind: EpisodeKind,
  comparison: EpisodeComparison,
  fs: number,
  referenceAnnotator: string,
  testAnnotator: string,
): string {
  const { found, referenceEpisodes, right, testEpisodes, commonDuration, referenceDuration, testDuration } = comparison
  const time = (samples: number): string => formatTime(samples / fs)
  const ratio = (name: string, part: number, whole: number, show: (value: number) => string): string => {
    const percent = formatPercent(part, whole, 0)
    return `${name.padStart(30)}: ${percent.padStart(3)}${percent === '-' ? ' ' : '%'} (${show(part)}/${show(whole)})`
  }
  const number = (value: number): string => value.toString()
  return [
    `${kind} episode-by-episode comparison results for record ${record}`,
    `Reference annotator: ${referenceAnnotator}`,
    `     Test annotator: ${testAnnotator}`,
    '',
    ratio('Episode sensitivity', found, referenceEpisodes, number),
    ratio('Episode positive predictivity', right, testEpisodes, number),
    ratio('Duration sensitivity', commonDuration, referenceDuration, time),
    ratio('Duration positive predictivity', commonDuration, testDuration, time),
    `Duration of reference episodes:${time(referenceDuration).padStart(14)}`,
    `     Duration of test episodes:${time(testDuration).padStart(14)}`,
  ].join('\n')
}

/** Time as WFDB prints it: `0.000`, `1:37.900`, `1:00:00.000`. */
function formatTime(seconds: number): string {
  const milliseconds = Math.round(1000 * seconds)
  const rest = formatFixed((milliseconds % 60_000) / 1000, 3)
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes === 0) return rest
  const hours = Math.floor(minutes / 60)
  const two = (value: number): string => value.toString().padStart(2, '0')
  return hours === 0 ? `${minutes}:${rest.padStart(6, '0')}` : `${hours}:${two(minutes % 60)}:${rest.padStart(6, '0')}`
}

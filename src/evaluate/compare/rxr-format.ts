import { type RunComparison, runClasses } from './compare-runs.js'
import type { RunKind } from './ectopic-runs.js'
import { formatPercent } from './rounding.js'

const columns = 'Record CTs CFN CTp CFP STs SFN STp SFP LTs LFN LTp LFP  CSe C+P SSe S+P LSe L+P'

/** Column headings of the line format, `rxr -L`. */
export function rxrHeading(kind: RunKind): string {
  return kind === 'ventricular' ? columns : `(SVE run detection)\n${columns}`
}

/** One record in the line format of `rxr -L`. */
export function formatRxrLine(record: string, comparison: RunComparison): string {
  const counts = runClasses.map(name => comparison[name])
  const numbers = counts.flatMap(({ found, missed, right, wrong }) => [found, missed, right, wrong])
  const ratios = counts.flatMap(({ found, missed, right, wrong }) => [
    formatPercent(found, found + missed, 0),
    formatPercent(right, right + wrong, 0),
  ])
  const column = (text: string): string => ` ${text.padStart(3)}`
  return `${record.padStart(4)}${numbers.map(number => column(number.toString())).join('')} ${ratios.map(column).join('')}`
}

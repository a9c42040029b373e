import type { AnalysisDocument } from '../analysis/analyze-recording.js'
import { notice } from '../version.js'

/** An analysis as text for a terminal. */
export function printAnalysis(analysis: AnalysisDocument): string {
  const { record, durationSeconds, streams, notes, beats, vitals, alerts, engine } = analysis
  const classes = Object.entries(beats.byClass).map(([name, count]) => `${name} ${count}`)
  const lines = [
    `${record}  ${durationSeconds.toFixed(1)} s  (${notice})`,
    ...streams.map(
      ({ id, channels, fs: [num, den], samples, lostSamples }) =>
        `  stream ${id}: ${channels.join(', ')} at ${num / den} Hz, ${samples} samples, ${lostSamples} missing`,
    ),
    ...notes.map(({ stream, message }) => `  note on stream ${stream}: ${message}`),
    ...(beats.count > 0 ? [`  beats ${beats.count} (${classes.join(', ')})`] : []),
    ...vitals.map(
      vital =>
        `  ${vital.name} (${vital.stream}): median ${round(vital.median)} ${vital.unit}, ${round(vital.min)} to ${round(vital.max)}, ${vital.count} values`,
    ),
    ...printScore(analysis),
    ...alerts.map(alert => {
      const end = alert.endSeconds === null ? 'to the end' : `to ${alert.endSeconds.toFixed(1)} s`
      return `  ${alert.priority.padEnd(6)} ${alert.condition} from ${alert.onsetSeconds.toFixed(1)} s ${end}: ${alert.message}`
    }),
    `  eventHash ${analysis.eventHash ?? 'none (disordered)'}, ${analysis.eventCount} events`,
    `  vitalwire ${engine.version}, kernel ${engine.kernel}, parameters ${engine.parametersHash.slice(0, 12)}`,
  ]
  return `${lines.join('\n')}\n`
}

function printScore({ scores }: AnalysisDocument): string[] {
  const score = scores.findLast(candidate => candidate.total !== null || candidate.refused !== undefined)
  if (score === undefined) return []
  if (score.refused !== undefined) return [`  NEWS2 at the end: refused (${String(score.refused)})`]
  const missing = score.missing as readonly string[]
  const total = `${score.complete === true ? '' : 'at least '}${String(score.total)}`
  return [`  NEWS2 at the end: ${total}${missing.length > 0 ? `, missing ${missing.join(', ')}` : ''}`]
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

import type { AnalysisDocument } from '../analysis/analyze-recording.js'
import { notice } from '../version.js'

/** An analysis as text for a terminal. */
export function printAnalysis(analysis: AnalysisDocument): string {
  const lines = [`${analysis.record}  ${analysis.durationSeconds.toFixed(1)} s  (${notice})`]
  for (const stream of analysis.streams) {
    const [num, den] = stream.fs
    lines.push(
      `  stream ${stream.id}: ${stream.channels.join(', ')} at ${num / den} Hz, ${stream.samples} samples, ${stream.lostSamples} missing`,
    )
  }
  const classes = Object.entries(analysis.beats.byClass).map(([name, count]) => `${name} ${count}`)
  if (analysis.beats.count > 0) lines.push(`  beats ${analysis.beats.count} (${classes.join(', ')})`)
  for (const vital of analysis.vitals) {
    lines.push(
      `  ${vital.name} (${vital.stream}): median ${round(vital.median)} ${vital.unit}, ${round(vital.min)} to ${round(vital.max)}, ${vital.count} values`,
    )
  }
  const score = analysis.scores.findLast(candidate => candidate.total !== null || candidate.refused !== undefined)
  if (score !== undefined) {
    const missing = (score.missing as string[]).length > 0 ? `, missing ${(score.missing as string[]).join(', ')}` : ''
    const total =
      score.refused !== undefined
        ? `refused (${String(score.refused)})`
        : `${score.complete === true ? '' : 'at least '}${String(score.total)}`
    lines.push(`  NEWS2 at the end: ${total}${missing}`)
  }
  for (const alert of analysis.alerts) {
    const end = alert.endSeconds === null ? 'to the end' : `to ${alert.endSeconds.toFixed(1)} s`
    lines.push(`  ${alert.priority.padEnd(6)} ${alert.condition} from ${alert.onsetSeconds.toFixed(1)} s ${end}: ${alert.message}`)
  }
  lines.push(`  eventHash ${analysis.eventHash ?? 'none (disordered)'}, ${analysis.eventCount} events`)
  return `${lines.join('\n')}\n`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

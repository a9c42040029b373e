import { writeFile } from 'node:fs/promises'
import { notice } from '../version.js'
import type { Analysis } from './analyze-recording.js'
import { stripKey } from './evidence-strips.js'
import { writeWhole } from './output-file.js'
import type { AlertSummary } from './summary.js'
import { escapeHtml, type Plot, plotWidth, renderPlot } from './svg-plot.js'

/** Values of one vital sign that lie further apart than this are not joined by a line, seconds. */
const joinSeconds = 10

/** Writes the report of an analysis. Throws `disk-write`. */
export function writeReport(file: string, analysis: Analysis): Promise<void> {
  return writeWhole(file, target => writeFile(target, renderReport(analysis)))
}

/** One self-contained HTML page: what `analyze` found, with a plot of each vital sign and of what each alert rests on. */
function renderReport(analysis: Analysis): string {
  const { document } = analysis
  const { beats, engine } = document
  const classes = Object.entries(beats.byClass).map(([name, count]) => `${name} ${count}`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(document.record)}: Vitalwire analysis</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:${plotWidth + 40}px;padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse}td,th{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #ccc;font-variant-numeric:tabular-nums}
svg{display:block;max-width:100%;height:auto;margin:.3rem 0 1rem;background:#fafafa}.note{background:#eee;padding:.4rem .7rem}
code{word-break:break-all}
</style></head><body>
<h1>${escapeHtml(document.record)}</h1>
<p class="note">${escapeHtml(notice)}</p>
<p>${document.durationSeconds.toFixed(1)} s, ${document.eventCount} events, event hash <code>${document.eventHash ?? 'none'}</code>.
Vitalwire ${engine.version}, kernel ${engine.kernel}, parameters <code>${engine.parametersHash}</code>.</p>
<h2>Streams</h2>
${streamTable(analysis)}
<h2>Beats</h2><p>${beats.count}${classes.length === 0 ? '' : ` (${classes.join(', ')})`}</p>
<h2>Vital signs</h2>
${vitalTable(analysis)}
${vitalPlots(analysis).map(renderSection).join('\n')}
<h2>Scores</h2>
${renderSection(scorePlot(analysis)) || '<p>None.</p>'}
<h2>Alerts</h2>
${alertTable(document.alerts)}
${document.alerts.map(alert => renderSection(stripPlot(analysis, alert))).join('\n')}
</body></html>
`
}

function renderSection(plot: Plot | null): string {
  const drawn = plot === null ? '' : renderPlot(plot)
  return plot === null || drawn === '' ? '' : `<h3>${escapeHtml(plot.title)}</h3>${drawn}`
}

function streamTable({ document }: Analysis): string {
  const rows = document.streams.map(s => [s.id, s.channels.join(', '), `${s.fs[0] / s.fs[1]} Hz`, s.unit, s.samples, s.lostSamples])
  const notes = document.notes.map(({ stream, message }) => `<p>Stream ${escapeHtml(stream)}: ${escapeHtml(message)}</p>`)
  return [table(['Stream', 'Channels', 'Rate', 'Unit', 'Samples a channel', 'Missing'], rows), ...notes].join('\n')
}

function vitalTable({ document }: Analysis): string {
  const rows = document.vitals.map(v => [v.name, v.stream, v.unit, v.count, v.median.toFixed(1), v.min.toFixed(1), v.max.toFixed(1)])
  return table(['Vital sign', 'Stream', 'Unit', 'Values', 'Median', 'Least', 'Greatest'], rows)
}

function alertTable(alerts: readonly AlertSummary[]): string {
  const rows = alerts.map(alert => [
    alert.onsetSeconds.toFixed(1),
    alert.endSeconds === null ? 'to the end' : alert.endSeconds.toFixed(1),
    alert.priority,
    alert.condition,
    alert.message,
  ])
  return table(['From (s)', 'To (s)', 'Priority', 'Condition', 'Reason'], rows)
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '<p>None.</p>'
  const line = (cells: readonly (string | number)[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join('')}</tr>`
  return `<table>${line(head, 'th')}\n${rows.map(row => line(row, 'td')).join('\n')}</table>`
}

/** One plot for each vital sign and stream. */
function vitalPlots(analysis: Analysis): Plot[] {
  const series = new Map<string, [number, number][]>()
  for (const event of analysis.events) {
    if (event.type !== 'measurement' || typeof event.body.value !== 'number') continue
    const title = `${String(event.body.name)} (${String(event.body.unit)}), ${event.stream}`
    const points = series.get(title) ?? []
    const t = (event.t - analysis.origin) / 1e6
    const last = points[points.length - 1]
    if (last !== undefined && t - last[0] > joinSeconds) points.push([last[0], Number.NaN])
    points.push([t, event.body.value])
    series.set(title, points)
  }
  return [...series].map(([title, points]) => ({ title, points, from: 0, to: analysis.document.durationSeconds }))
}

/** NEWS2 stands until it is computed anew, so the line goes in steps. */
function scorePlot({ document }: Analysis): Plot {
  const points: [number, number][] = []
  for (const { t, total } of document.scores) {
    const value = typeof total === 'number' ? total : Number.NaN
    const last = points[points.length - 1]
    if (last !== undefined) points.push([t as number, last[1]])
    points.push([t as number, value])
  }
  const last = points[points.length - 1]
  if (last !== undefined) points.push([document.durationSeconds, last[1]])
  return { title: 'NEWS2 (points; at least, where items are missing)', points, from: 0, to: document.durationSeconds }
}

/** The samples that an alert rests on. */
function stripPlot({ strips }: Analysis, alert: AlertSummary): Plot | null {
  const strip = strips.get(stripKey(alert))
  if (strip === undefined) return null
  const { channel, unit, fromSeconds, stepSeconds, values } = strip
  return {
    title: `${alert.condition} at ${alert.onsetSeconds.toFixed(1)} s: ${channel} (${unit})`,
    points: [...values].map((value, k) => [fromSeconds + k * stepSeconds, value] as const),
    from: fromSeconds,
    to: fromSeconds + values.length * stepSeconds,
  }
}

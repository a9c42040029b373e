import { notice } from '../version.js'
import type { Analysis } from './analyze-recording.js'
import type { AlertSummary } from './summary.js'

const width = 1100
const plotHeight = 120

/** One self-contained HTML page: what `analyze` found, with a plot of each vital sign and of the strip before each alert. */
export function renderReport(analysis: Analysis): string {
  const { document } = analysis
  const vitals = seriesByVital(analysis)
  const end = document.durationSeconds
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(document.record)}: Vitalwire analysis</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:${width + 40}px;padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse}td,th{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #ccc;font-variant-numeric:tabular-nums}
svg{display:block;margin:.3rem 0 1rem;background:#fafafa}.note{background:#eee;padding:.4rem .7rem}code{word-break:break-all}
</style></head><body>
<h1>${escapeHtml(document.record)}</h1>
<p class="note">${escapeHtml(notice)}</p>
<p>${end.toFixed(1)} s, ${document.eventCount} events, event hash <code>${document.eventHash ?? 'none'}</code>.
Vitalwire ${document.engine.version}, kernel ${document.engine.kernel}, parameters <code>${document.engine.parametersHash}</code>.</p>
<h2>Streams</h2>
<table><tr><th>Stream</th><th>Channels</th><th>Rate</th><th>Samples</th><th>Missing</th></tr>
${document.streams.map(s => row([s.id, s.channels.join(', '), `${s.fs[0] / s.fs[1]} Hz`, String(s.samples), String(s.lostSamples)])).join('\n')}</table>
<h2>Beats</h2><p>${document.beats.count} (${
    Object.entries(document.beats.byClass)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  })</p>
<h2>Vital signs</h2>
${vitals.map(v => `<h3>${escapeHtml(v.title)}</h3>${plotSeries(v.points, end, v.title)}`).join('\n')}
<h2>Alerts</h2>
${document.alerts.length === 0 ? '<p>None.</p>' : alertTable(document.alerts)}
${document.alerts.map(alert => renderStrip(analysis, alert)).join('\n')}
</body></html>
`
}

function alertTable(alerts: readonly AlertSummary[]): string {
  const rows = alerts.map(alert =>
    row([
      alert.onsetSeconds.toFixed(1),
      alert.endSeconds === null ? 'to the end' : alert.endSeconds.toFixed(1),
      alert.priority,
      alert.condition,
      alert.message,
    ]),
  )
  return `<table><tr><th>From (s)</th><th>To (s)</th><th>Priority</th><th>Condition</th><th>Reason</th></tr>\n${rows.join('\n')}</table>`
}

interface Series {
  readonly title: string
  readonly points: readonly (readonly [number, number])[]
}

function seriesByVital(analysis: Analysis): Series[] {
  const series = new Map<string, [number, number][]>()
  for (const event of analysis.events) {
    if (event.type !== 'measurement' || typeof event.body.value !== 'number') continue
    const title = `${String(event.body.name)} (${String(event.body.unit)}), ${event.stream}`
    const point: [number, number] = [(event.t - analysis.origin) / 1e6, event.body.value]
    const points = series.get(title)
    if (points === undefined) series.set(title, [point])
    else points.push(point)
  }
  return [...series].map(([title, points]) => ({ title, points }))
}

function plotSeries(points: readonly (readonly [number, number])[], end: number, title: string): string {
  const values = points.map(point => point[1])
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return draw(points, [0, end], [low, high], title)
}

/** The ten seconds before an alert in the stream that it rests on. */
function renderStrip(analysis: Analysis, alert: AlertSummary): string {
  const evidence = alert.evidence as { from: { stream: string; index: number }; to: { index: number } } | null
  if (evidence === null) return ''
  const strip = analysis.strips.get(`${evidence.from.stream}/${alert.condition}/${alert.onsetSeconds}`)
  if (strip === undefined) return ''
  const points = [...strip.values]
    .map((value, k) => [strip.fromSeconds + k * strip.stepSeconds, value] as const)
    .filter(p => Number.isFinite(p[1]))
  if (points.length === 0) return ''
  const title = `${alert.condition} at ${alert.onsetSeconds.toFixed(1)} s: ${strip.channel} (${strip.unit})`
  const values = points.map(point => point[1])
  const to = strip.fromSeconds + strip.values.length * strip.stepSeconds
  return `<h3>${escapeHtml(title)}</h3>${draw(points, [strip.fromSeconds, to], [Math.min(...values), Math.max(...values)], title)}`
}

function draw(
  points: readonly (readonly [number, number])[],
  x: readonly [number, number],
  y: readonly [number, number],
  title: string,
): string {
  const spanX = x[1] - x[0] || 1
  const spanY = y[1] - y[0] || 1
  const place = ([t, value]: readonly [number, number]) =>
    `${(((t - x[0]) / spanX) * width).toFixed(1)},${(plotHeight - 8 - ((value - y[0]) / spanY) * (plotHeight - 16)).toFixed(1)}`
  return `<svg viewBox="0 0 ${width} ${plotHeight}" width="${width}" height="${plotHeight}" role="img" aria-label="${escapeHtml(title)}, from ${y[0].toFixed(2)} to ${y[1].toFixed(2)}">
<polyline fill="none" stroke="#1f4e8c" stroke-width="1" points="${points.map(place).join(' ')}"/>
<text x="4" y="12" font-size="11">${y[1].toFixed(2)}</text><text x="4" y="${plotHeight - 2}" font-size="11">${y[0].toFixed(2)}</text></svg>`
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map(cell => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

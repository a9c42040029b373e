/** Points `[x, y]` in order of x; a y that is NaN is a gap. */
export type PlotPoints = readonly (readonly [number, number])[]

export interface Plot {
  readonly title: string
  readonly points: PlotPoints
  /** Seconds, the ends of the x axis. */
  readonly from: number
  readonly to: number
}

export const plotWidth = 1100
const height = 120
const margin = 14

/** A line plot as SVG with its ends on both axes; nothing is drawn across a gap, a lone point is a dot. */
export function renderPlot({ title, points, from, to }: Plot): string {
  const values = points.map(point => point[1]).filter(value => Number.isFinite(value))
  if (values.length === 0) return ''
  const low = values.reduce((a, b) => Math.min(a, b))
  const high = values.reduce((a, b) => Math.max(a, b))
  const x = (t: number) => (((t - from) / (to - from || 1)) * plotWidth).toFixed(1)
  const y = (value: number) => (height - margin - ((value - low) / (high - low || 1)) * (height - 2 * margin)).toFixed(1)
  const drawn = runsOf(points).map(run => {
    const [first] = run
    if (run.length === 1 && first !== undefined) return `<circle cx="${x(first[0])}" cy="${y(first[1])}" r="2" fill="#1f4e8c"/>`
    return `<polyline fill="none" stroke="#1f4e8c" points="${run.map(([t, value]) => `${x(t)},${y(value)}`).join(' ')}"/>`
  })
  const label = `${title}, from ${low.toFixed(2)} to ${high.toFixed(2)}`
  return `<svg viewBox="0 0 ${plotWidth} ${height}" width="${plotWidth}" height="${height}" role="img" aria-label="${escapeHtml(label)}">
${drawn.join('\n')}
<g font-size="11"><text x="4" y="11">${high.toFixed(2)}</text><text x="4" y="${height - 2}">${low.toFixed(2)}</text>
<text x="60" y="${height - 2}">${from.toFixed(1)} s</text><text x="${plotWidth - 4}" y="${height - 2}" text-anchor="end">${to.toFixed(1)} s</text></g></svg>`
}

/** Stretches without a gap. */
function runsOf(points: PlotPoints): PlotPoints[] {
  const runs: (readonly [number, number])[][] = [[]]
  for (const point of points) {
    if (Number.isFinite(point[1])) runs[runs.length - 1]!.push(point)
    else if (runs[runs.length - 1]!.length > 0) runs.push([])
  }
  return runs.filter(run => run.length > 0)
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

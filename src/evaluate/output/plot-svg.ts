import { escapeHtml } from '../../analysis/svg-plot.js'
import type { BarPlot, LinePlot, ResultPlot } from '../suite.js'

const width = 1100
const height = 300
const left = 60
const right = 16
const top = 26
const bottom = 44
const inks = ['#1f4e8c', '#c2410c', '#15803d', '#7e22ce', '#0f766e', '#b91c1c', '#a16207', '#475569']

/** A plot as SVG with axes and a legend. Empty where there is nothing to draw. */
export function drawPlot(plot: ResultPlot): string {
  const body = plot.kind === 'lines' ? drawLines(plot) : drawBars(plot)
  if (body === '') return ''
  const names = plot.kind === 'lines' ? plot.lines.map(line => line.name) : plot.series
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(plot.title)}" font-size="11" font-family="system-ui,sans-serif">
${body}
${drawLegend(names)}
<text x="4" y="14">${escapeHtml(plot.yLabel)}</text></svg>`
}

function drawLegend(names: readonly string[]): string {
  if (names.length < 2) return ''
  let x = left + 140
  return names
    .map((name, k) => {
      const at = x
      x += 24 + name.length * 7
      return `<rect x="${at}" y="5" width="10" height="10" fill="${ink(k)}"/><text x="${at + 14}" y="14">${escapeHtml(name)}</text>`
    })
    .join('\n')
}

function ink(k: number): string {
  return inks[k % inks.length] as string
}

interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

/** Round ticks around the values. */
function makeAxis(values: readonly number[]): Axis {
  const least = values.reduce((a, b) => Math.min(a, b))
  const most = values.reduce((a, b) => Math.max(a, b))
  const span = most - least || Math.abs(most) || 1
  const rough = span / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find(factor => factor * power >= rough) ?? 10) * power
  const low = Math.floor(least / step) * step
  const high = Math.max(low + step, Math.ceil(most / step) * step)
  const count = Math.round((high - low) / step)
  return { low, high, ticks: Array.from({ length: count + 1 }, (_, k) => Number((low + k * step).toPrecision(12))) }
}

function place(axis: Axis, from: number, to: number): (value: number) => number {
  return value => from + ((value - axis.low) / (axis.high - axis.low)) * (to - from)
}

function drawYAxis(axis: Axis, y: (value: number) => number): string {
  return axis.ticks
    .map(
      tick =>
        `<line x1="${left}" x2="${width - right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#ddd"/>` +
        `<text x="${left - 5}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick}</text>`,
    )
    .join('\n')
}

function drawLines(plot: LinePlot): string {
  const points = plot.lines.flatMap(line => line.points).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
  if (points.length === 0) return ''
  const xAxis = makeAxis(points.map(point => point[0]))
  const yAxis = makeAxis(points.map(point => point[1]))
  const x = place(xAxis, left, width - right)
  const y = place(yAxis, height - bottom, top)
  const lines = plot.lines.map(({ points: own }, k) => {
    const path = own.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')
    const dots =
      own.length > 40
        ? ''
        : own.map(([a, b]) => `<circle cx="${x(a).toFixed(1)}" cy="${y(b).toFixed(1)}" r="2.5" fill="${ink(k)}"/>`).join('')
    return `<polyline fill="none" stroke="${ink(k)}" stroke-width="1.5" points="${path}"/>${dots}`
  })
  const ticks = xAxis.ticks.map(tick => `<text x="${x(tick).toFixed(1)}" y="${height - bottom + 15}" text-anchor="middle">${tick}</text>`)
  return `${drawYAxis(yAxis, y)}
${lines.join('\n')}
${ticks.join('\n')}
<text x="${width - right}" y="${height - 8}" text-anchor="end">${escapeHtml(plot.xLabel)}</text>`
}

function drawBars(plot: BarPlot): string {
  const values = plot.bars.flatMap(bar => bar.values).filter(value => value !== null)
  if (values.length === 0) return ''
  const axis = makeAxis(values)
  const y = place(axis, height - bottom, top)
  const slot = (width - left - right) / plot.bars.length
  const thick = Math.min(24, (slot * 0.8) / plot.series.length)
  const bars = plot.bars.map(({ name, values: own }, k) => {
    const middle = left + (k + 0.5) * slot
    const shapes = own.map((value, s) => {
      if (value === null) return ''
      const at = middle + (s - plot.series.length / 2) * thick
      const tip = y(value)
      const foot = y(Math.max(axis.low, Math.min(axis.high, 0)))
      return `<rect x="${at.toFixed(1)}" y="${Math.min(tip, foot).toFixed(1)}" width="${(thick * 0.9).toFixed(1)}" height="${Math.max(0.5, Math.abs(foot - tip)).toFixed(1)}" fill="${ink(s)}"><title>${escapeHtml(name)}: ${value}</title></rect>`
    })
    const label = `<text transform="translate(${(middle + 4).toFixed(1)},${height - bottom + 6}) rotate(60)" font-size="9">${escapeHtml(name)}</text>`
    return shapes.join('') + label
  })
  return `${drawYAxis(axis, y)}
${bars.join('\n')}`
}

import { describe, expect, it } from 'vitest'
import { renderPlot } from '../../src/analysis/svg-plot.js'

const plot = (...points: [number, number][]) => renderPlot({ title: 'a < b', points, from: 0, to: 10 })

describe('plot', () => {
  it('draws nothing across a gap, and a lone value as a dot', () => {
    const svg = plot([0, 1], [1, 2], [2, Number.NaN], [3, 3], [4, Number.NaN], [5, 1], [6, 2])
    expect(svg.match(/<polyline /g)).toHaveLength(2)
    expect(svg.match(/<circle /g)).toHaveLength(1)
    expect(svg).not.toContain('NaN')
  })

  it('is nothing without a value', () => {
    expect(plot([0, Number.NaN])).toBe('')
    expect(plot()).toBe('')
  })

  it('says its ends and keeps its title harmless', () => {
    const svg = plot([0, 1.5], [10, 3])
    expect(svg).toContain('aria-label="a &lt; b, from 1.50 to 3.00"')
    expect(svg).toContain('>10.0 s</text>')
  })
})

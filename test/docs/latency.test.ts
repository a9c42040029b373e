import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { latencyRows, measureLatency } from '../support/measured-latency.js'
import { streamShapes } from '../support/synthetic-streams.js'

const file = new URL('../../docs/latency.md', import.meta.url)
const streams = streamShapes.flatMap(shape => shape.rates.map(fs => measureLatency(shape, fs)))

describe('declared latencies', () => {
  it.each(streams.map(stream => [`${stream.id} at ${stream.fs} Hz`, stream] as const))(
    'hold for %s',
    (_, { declared, measured, chain }) => {
      for (const { what, max } of measured) expect(max, what).toBeLessThanOrEqual(declared.max + 1e-9)
      if (chain !== 'silent') expect(measured.length).toBeGreaterThan(0)
    },
  )

  // UPDATE_DOCS=1 writes the table anew, with what is measured.
  it('stand in docs/latency.md', () => {
    const text = readFileSync(file, 'utf8')
    const isRow = (line: string): boolean => streamShapes.some(shape => line.startsWith(`| ${shape.id} | `))
    const rows = latencyRows(streams)
    if (process.env.UPDATE_DOCS === '1') {
      const lines = text.split('\n').filter(line => !isRow(line))
      const head = lines.findIndex(line => /^\|-+\|/.test(line))
      lines.splice(head + 1, 0, ...rows)
      writeFileSync(file, lines.join('\n'))
    }
    // Stream, rate, chain and what is declared; what is measured moves with every detector.
    const declared = (row: string): string => row.split('|').slice(1, 5).join('|')
    expect(readFileSync(file, 'utf8').split('\n').filter(isRow).map(declared)).toEqual(rows.map(declared))
  })
})

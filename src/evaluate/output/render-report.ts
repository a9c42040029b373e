import { escapeHtml } from '../../analysis/svg-plot.js'
import { notice } from '../../version.js'
import type { ResultTable, SuiteResult } from '../suite.js'
import type { Manifest } from './manifest.js'
import { drawPlot } from './plot-svg.js'

/** The result as Markdown. */
export function renderMarkdown({ document, tables }: SuiteResult, manifest: Manifest): string {
  const parts = [
    `# evaluate ${document.suite}`,
    notice,
    describeRun(document, manifest)
      .map(line => `- ${line}`)
      .join('\n'),
  ]
  for (const table of tables) parts.push(`## ${table.title}`, markdownTable(table))
  return `${parts.join('\n\n')}\n`
}

/** The result as one self-contained HTML page with its plots. */
export function renderHtml({ document, tables, plots }: SuiteResult, manifest: Manifest): string {
  const title = `evaluate ${document.suite}`
  const drawn = plots.map(plot => ({ title: plot.title, svg: drawPlot(plot) })).filter(({ svg }) => svg !== '')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Vitalwire: ${escapeHtml(title)}</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1140px;padding:0 1rem;color:#111;background:#fff}
.wide{overflow-x:auto}li{overflow-wrap:anywhere}table{border-collapse:collapse}td,th{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #ccc;font-variant-numeric:tabular-nums}
td:first-child,th:first-child{text-align:left}
svg{display:block;width:100%;height:auto;margin:.3rem 0 1rem;background:#fafafa}.note{background:#eee;padding:.4rem .7rem}
</style></head><body>
<h1>${escapeHtml(title)}</h1>
<p class="note">${escapeHtml(notice)}</p>
<ul>${describeRun(document, manifest)
    .map(line => `<li>${escapeHtml(line)}</li>`)
    .join('\n')}</ul>
${drawn.map(({ title: name, svg }) => `<h2>${escapeHtml(name)}</h2>\n${svg}`).join('\n')}
${tables.map(table => `<h2>${escapeHtml(table.title)}</h2>\n${htmlTable(table)}`).join('\n')}
</body></html>
`
}

/** The result for a terminal. */
export function renderText({ document, tables }: SuiteResult): string {
  const lines = [`evaluate ${document.suite}  ${document.database}  (${notice})`, ...warningLines(document)]
  for (const { title, columns, rows } of tables) {
    const cells = [columns, ...rows.map(row => row.map(cellText))]
    const widths = columns.map((_, k) => Math.max(...cells.map(row => (row[k] ?? '').length)))
    lines.push('', title)
    for (const row of cells.filter(row => row.some(cell => cell !== '')))
      lines.push(`  ${row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  ')}`.trimEnd())
  }
  return `${lines.join('\n')}\n`
}

function describeRun(document: SuiteResult['document'], { code, environment, created, parametersHash, resultHash }: Manifest): string[] {
  const commit = code.commit === null ? '' : `, commit ${code.commit}${code.modified === true ? ' with changes' : ''}`
  return [
    `test: ${String(document.test ?? 'vitalwire')}; database: ${document.database}; ${document.records.length} records`,
    `${created}; Vitalwire ${code.version}${commit}; Node ${environment.node}; ${environment.cpu}, ${environment.cores} cores`,
    `parameters ${parametersHash ?? 'none'}; result ${resultHash}`,
    ...(typeof document.note === 'string' ? [document.note] : []),
    ...warningLines(document),
  ]
}

function warningLines({ warnings = [] }: SuiteResult['document']): string[] {
  return warnings.map(warning => `warning: ${warning}`)
}

function cellText(cell: string | number | null): string {
  return cell === null ? '-' : typeof cell === 'number' ? String(cell) : cell
}

function markdownTable({ columns, rows }: ResultTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map((_, k) => (k === 0 ? '---' : '---:'))), ...rows.map(row => line(row.map(cellText)))].join('\n')
}

function htmlTable({ columns, rows }: ResultTable): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map(cell => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  return `<div class="wide"><table>${line(columns, 'th')}\n${rows.map(row => line(row.map(cellText), 'td')).join('\n')}</table></div>`
}

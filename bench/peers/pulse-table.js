import { writeFileSync } from 'node:fs'

/** The table of bench/peers/pulse.js beside its result file, best F1 in clean seconds first. */
export function writePulseTable(file, report, names) {
  const sections = Object.entries(report.databases).flatMap(([database, { records, signalHours, rows }]) => [
    `## ${database}: ${counted(records)}, ${signalHours.toFixed(2)} h`,
    '',
    ...table(rows),
    ...notes(rows, names),
    '',
  ])
  const text = [
    '# Pulses: peers from PyPI on the same pleth samples',
    '',
    `Reference: beats of our own ECG chain in seconds of ECG quality ${report.referenceQuality} or more; a pulse within ${1000 * report.matchWindowSeconds} ms of its beat, after`,
    'a delay fitted for each detector and every 5 minutes (`src/evaluate/pulse/beat-agreement.ts`, the same code for all rows; a stretch with',
    'next to no pulses counts as missed). `all`: all of these seconds. `accepted`: those in which our quality accepts the pleth; the peers have',
    'no quality of their own, all rows are scored in the same seconds. Our quality looks at our own pulses, which favours our row there. Gross',
    'figures, with 95 % intervals by record (bootstrap).',
    '',
    ...sections,
    'CPU seconds an hour of one pleth: the detector of a peer with its filter; of vitalwire its whole chain of the stream (quality, rate, polarity,',
    'saturation). Peers see the whole recording at once; vitalwire is causal, in packets of 100 ms.',
    `\`node bench/peers/pulse.js\`, the first ${report.toSeconds} s of each record.`,
    '',
  ]
  writeFileSync(file.replace(/\.json$/, '.md'), text.join('\n'))
}

function table(rows) {
  const done = Object.entries(rows).filter(([, row]) => row.failed === undefined)
  done.sort(([, a], [, b]) => (b.cleanEcg.f1 ?? 0) - (a.cleanEcg.f1 ?? 0))
  const head = ['detector', 'Se % all', '+P % all', 'F1 % all', 'Se % accepted', '+P % accepted', 'F1 % accepted']
  head.push('seconds all', 'accepted', 'CPU s/h', 'taken (UTC)', 'load', 'commit')
  const cells = ([name, row]) => [
    row.version === undefined ? name : `${name} ${row.version}`,
    ...figures(row.cleanEcg),
    ...figures(row.accepted),
    row.cleanEcg.seconds,
    row.accepted.seconds,
    row.cpuSecondsPerSignalHour.toFixed(2),
    row.machine.date.slice(0, 16),
    row.machine.load[0].toFixed(1),
    `${row.machine.code.commit}${row.machine.code.modified ? ' (modified)' : ''}`,
  ]
  const text = line => `| ${line.join(' | ')} |`
  return [text(head), text(head.map((_, k) => (k === 0 ? '---' : '---:'))), ...done.map(cells).map(text)]
}

function figures(part) {
  return ['se', 'ppv', 'f1'].map(key => {
    if (part[key] === null) return '-'
    // Of one record there is no interval by record.
    const range = part.ci95[key]
    const wide = range !== null && range[0] !== range[1]
    return wide ? `${part[key].toFixed(2)} (${range[0].toFixed(2)}-${range[1].toFixed(2)})` : part[key].toFixed(2)
  })
}

function notes(rows, names) {
  const machines = new Set(Object.values(rows).map(({ machine }) => `Node ${machine.node}, ${machine.cpu}, ${machine.cores} cores`))
  const silent = Object.entries(rows).filter(([, row]) => row.withoutPulses > 0)
  const missing = names.filter(name => rows[name] === undefined)
  return [
    '',
    [...machines].join('; '),
    ...silent.map(([name, row]) => `\n${name} finds no pulse in ${counted(row.withoutPulses)}; their beats are missed.${reasons(row)}`),
    ...(missing.length === 0 ? [] : [`\nNot run: ${missing.join(', ')}.`]),
    ...Object.entries(rows).flatMap(([name, row]) => (row.failed === undefined ? [] : [`\nFailed: ${name}: ${row.failed}`])),
  ]
}

function counted(records) {
  return `${records} record${records === 1 ? '' : 's'}`
}

/** What a peer said when it gave up, once each. */
function reasons({ gaveUp = [] }) {
  const said = [...new Set(gaveUp.map(line => line.replace('gave up: ', '')))]
  return said.length === 0 ? '' : ` It gave up on ${counted(gaveUp.length)}: ${said.join('; ')}`
}

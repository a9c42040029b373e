import { bootstrapByRecord } from '../../src/evaluate/compare/intervals.js'
import { judgeLead, sumTallies, type Tally, tallyLead } from './judged-lead.js'
import { heldPanel, kinds, type Noise, readLead } from './records.js'
import { reportRealSignals } from './report-real-signals.js'
import { ways } from './ways-to-see.js'

const levels = [24, 12, 6, 0]

interface Row {
  readonly record: string
  readonly snr: number
  readonly kind: string
  readonly tally: Tally
}

/** Figures on what the model was not fitted on: `panel`, `ways` or `real`; without a word, all three. */
export async function report(part: string | undefined): Promise<void> {
  const parts = { panel: reportPanel, ways: reportWays, real: reportRealSignals }
  if (part !== undefined && !(part in parts)) throw new RangeError(`report of ${part}: accepted ${Object.keys(parts).join(', ')}`)
  for (const [name, tell] of Object.entries(parts)) if (part === undefined || part === name) await tell()
}

/** The records of the noise panel in DS2, and paced 217 not; noise from the half that the fit did not hear. */
async function reportPanel(): Promise<void> {
  for (const place of [0, 1]) {
    const rows: Row[] = []
    for (const record of heldPanel) {
      for (const kind of kinds)
        for (const snr of levels) rows.push(await runNoisy(record, place, { kind, snr, half: 'second' }, 'as recorded'))
    }
    const lead = place === 0 ? 'first' : 'second'
    say(`${lead} leads, records and noise not fitted: ${figures(rows)}`)
    say(`${lead} leads, 24 and 12 dB: ${figures(rows.filter(({ snr }) => snr >= 12))}`)
    for (const kind of kinds) {
      for (const snr of levels)
        say(`${lead} leads, ${kind} ${snr} dB: ${figures(rows.filter(row => row.kind === kind && row.snr === snr))}`)
    }
  }
}

/** The same signals at other rates, resolutions and gains and with mains, at 12 and 0 dB. */
async function reportWays(): Promise<void> {
  for (const way of ways.keys()) {
    const rows: Row[] = []
    for (const record of heldPanel) {
      for (const kind of kinds) for (const snr of [12, 0]) rows.push(await runNoisy(record, 0, { kind, snr, half: 'second' }, way))
    }
    say(`${way}: ${figures(rows)}`)
  }
}

async function runNoisy(record: string, place: number, noise: Noise, way: string): Promise<Row> {
  const change = ways.get(way)
  if (!change) throw new RangeError(`there is no way ${way}`)
  const lead = change(await readLead('mitdb', record, place, noise))
  return { record, snr: noise.snr, kind: noise.kind, tally: tallyLead(lead, judgeLead(lead)) }
}

function figures(rows: readonly Row[]): string {
  const byRecord = new Map<string, Row[]>()
  for (const row of rows) byRecord.set(row.record, [...(byRecord.get(row.record) ?? []), row])
  const groups = [...byRecord.values()]
  const share = (of: (tally: Tally) => number): string => {
    const figure = (some: readonly (readonly Row[])[]): number => 100 * of(sumTallies(some.flat().map(({ tally }) => tally)))
    const interval = bootstrapByRecord(groups, figure)
    const range = interval === null ? '' : ` (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`
    return `${figure(groups).toFixed(2)}${range}`
  }
  const { clean, cleanRefused } = sumTallies(rows.map(({ tally }) => tally))
  return [
    `Se ${share(({ found, missed }) => found / (found + missed))}`,
    `+P ${share(({ found, extra }) => found / (found + extra))}`,
    `noisy refused % ${share(({ noisy, noisyRefused }) => noisyRefused / noisy)}`,
    `clean refused ${cleanRefused} of ${clean}`,
  ].join(', ')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

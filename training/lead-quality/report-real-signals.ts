import { readFileSync } from 'node:fs'
import path from 'node:path'
import { usableQuality } from '../../src/ecg/lead-choice.js'
import type { Annotation } from '../../src/evaluate/compare/annotation.js'
import { type Interval, wilsonInterval } from '../../src/evaluate/compare/intervals.js'
import { datasetsRoot } from '../../src/recording/datasets.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { ds2 } from '../beat-classes/records.js'
import { judgeLead } from './judged-lead.js'
import { readLead } from './records.js'

/** Signals that are bad of themselves: what readers marked in DS2, what CinC 2017 calls noisy, false alarms of CinC 2015. */
export async function reportRealSignals(): Promise<void> {
  await reportMarkedNoise()
  await reportNoisyClass()
  await reportAlarms()
}

/** Bits of the subtype of a `~` of the arrhythmia database: which signals are noisy, and which unreadable. -1: all unreadable. */
const unreadableBit = 4

/** What readers marked of a lead in a second: 0 clean, 1 noisy, 2 unreadable. */
export function markedBy(annotations: readonly Annotation[], lead: number, sample: number): 0 | 1 | 2 {
  let mark: 0 | 1 | 2 = 0
  for (const one of annotations) {
    if (one.sample > sample) break
    if (one.symbol !== '~') continue
    const subtype = one.subtype ?? 0
    mark = subtype < 0 || (subtype >> (unreadableBit + lead)) & 1 ? 2 : (subtype >> lead) & 1 ? 1 : 0
  }
  return mark
}

async function reportMarkedNoise(): Promise<void> {
  const names = ['clean', 'noisy', 'unreadable']
  for (const place of [0, 1]) {
    const refused = [0, 0, 0]
    const all = [0, 0, 0]
    for (const record of ds2) {
      const lead = await readLead('mitdb', record, place)
      judgeLead(lead).quality.forEach((quality, second) => {
        const mark = markedBy(lead.annotations, place, (second + 0.5) * lead.fsHz)
        all[mark] = (all[mark] as number) + 1
        if (quality < usableQuality) refused[mark] = (refused[mark] as number) + 1
      })
    }
    const of = names.map((name, mark) => `${name} ${share(refused[mark] as number, all[mark] as number)}`)
    say(`mitdb DS2, signal ${place}, refused of seconds marked ${of.join(', ')}`)
  }
}

async function reportNoisyClass(): Promise<void> {
  const classes = new Map<string, { refused: number; seconds: number; quality: number[] }>()
  const records = table('cinc2017', 'REFERENCE.csv')
  for (const [record = '', label = ''] of records) {
    const { quality } = judgeLead(await readLead('cinc2017', record, 0, null, null))
    const one = classes.get(label) ?? { refused: 0, seconds: 0, quality: [] }
    one.refused += quality.filter(value => value < usableQuality).length
    one.seconds += quality.length
    one.quality.push(quality.reduce((sum, value) => sum + value, 0) / Math.max(1, quality.length))
    classes.set(label, one)
  }
  for (const [label, { refused, seconds }] of [...classes].sort())
    say(`cinc2017 class ${label}: refused ${share(refused, seconds)} of seconds`)
  const noisy = classes.get('~')?.quality ?? []
  const others = [...classes].filter(([label]) => label !== '~').flatMap(([, { quality }]) => quality)
  let lower = 0
  for (const a of noisy) for (const b of others) lower += a < b ? 1 : a === b ? 0.5 : 0
  say(
    `cinc2017: area under the curve of mean quality, ${noisy.length} noisy against ${others.length} others: ${(lower / (noisy.length * others.length)).toFixed(3)}`,
  )
}

/** Seconds of the half minute before an alarm in which no ECG lead is usable. */
async function reportAlarms(): Promise<void> {
  const counts = new Map<string, { refused: number; seconds: number }>()
  for (const [record = '', , truth = ''] of table('cinc2015', 'ALARMS.csv')) {
    const recording = await openRecording(path.join(datasetsRoot(), 'cinc2015', record))
    const leads = recording.signals.filter(({ kind }) => kind === 'ecg').map(({ index }) => index)
    await recording.close()
    const judged = []
    for (const lead of leads) judged.push(judgeLead(await readLead('cinc2015', record, lead, null, null)).quality)
    const key = truth === '1' ? 'true' : 'false'
    const count = counts.get(key) ?? { refused: 0, seconds: 0 }
    for (let second = 270; second < 300; second++) {
      count.seconds++
      if (judged.every(quality => (quality[second] ?? 0) < usableQuality)) count.refused++
    }
    counts.set(key, count)
  }
  for (const [truth, { refused, seconds }] of counts)
    say(`cinc2015 ${truth} alarms, 4:30 to 5:00: no usable lead in ${share(refused, seconds)} of seconds`)
}

function table(set: string, file: string): string[][] {
  const rows = readFileSync(path.join(datasetsRoot(), set, file), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
  return rows.map(row => row.trim().split(','))
}

function share(part: number, whole: number): string {
  const interval: Interval | null = wilsonInterval(part, whole)
  if (interval === null) return 'none'
  return `${((100 * part) / whole).toFixed(2)} % (${(100 * interval.low).toFixed(2)} to ${(100 * interval.high).toFixed(2)}) of ${whole}`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { TreeEnsemble } from '../../src/dsp/tree-ensemble.js'
import {
  createFibrillationWatch,
  type FibrillationSecond,
  fibrillationWatchDefaults,
} from '../../src/ecg/fibrillation/fibrillation-watch.js'
import { windowSeconds } from '../../src/ecg/fibrillation/working-signal.js'
import type { Stretch } from '../../src/evaluate/compare/annotation.js'
import { type RecordEpisodes, scoreEpisodes, type ToldEpisode } from '../../src/evaluate/fibrillation/episode-score.js'
import { type RecordWindows, scoreWindows, sensitivity, thresholdAt } from '../../src/evaluate/fibrillation/window-score.js'
import { fibrillationShare } from '../../src/evaluate/fibrillation/window-truth.js'
import { cudb, datasetFolder, ds1, ds2, ecgLeads, openRecord, paced } from './records.js'

/** A record as the watch saw it second by second, whatever the threshold. */
interface Watched {
  readonly database: string
  readonly record: string
  readonly fsHz: number
  readonly fibrillation: readonly Stretch[]
  readonly seconds: readonly FibrillationSecond[]
}

async function watch(database: string, record: string, leads: readonly number[], model?: TreeEnsemble): Promise<Watched> {
  const signal = await openRecord(database, record, leads, database === 'cudb' || database === 'mitdb')
  const seconds: FibrillationSecond[] = []
  await signal.throughChain(options =>
    createFibrillationWatch({ ...options, onSecond: second => seconds.push(second), ...(model && { model }) }),
  )
  return { database, record, fsHz: signal.fsHz, fibrillation: signal.fibrillation, seconds }
}

/** Episodes as the watch tells them, with another threshold. */
function episodes({ fsHz, seconds }: Watched, onLogOdds: number): ToldEpisode[] {
  const told: ToldEpisode[] = []
  let since = -1
  let on: { start: number; decided: number } | null = null
  for (const { to, logOdds } of seconds) {
    if (on === null) {
      since = logOdds <= 0 ? -1 : since < 0 ? to : since
      if (logOdds >= onLogOdds) on = { start: Math.max(0, Math.round(since - (windowSeconds / 2) * fsHz)), decided: to - 1 }
    } else if (logOdds < fibrillationWatchDefaults.offLogOdds) {
      told.push({ ...on, end: to })
      on = null
      since = -1
    }
  }
  if (on !== null) told.push({ ...on, end: seconds.at(-1)?.to ?? on.start })
  return told
}

function windows({ record, fsHz, fibrillation, seconds }: Watched, truthSeconds: number): RecordWindows {
  const whole = seconds.filter(({ to }) => to >= windowSeconds * fsHz)
  return {
    record,
    windows: whole.map(({ to, logOdds }) => ({
      truth: fibrillationShare(fibrillation, to - truthSeconds * fsHz, to) > 0.5,
      value: logOdds,
    })),
  }
}

function recordEpisodes(watched: readonly Watched[], onLogOdds: number): RecordEpisodes[] {
  return watched.map(each => ({
    record: each.record,
    fsHz: each.fsHz,
    truth: each.fibrillation,
    told: episodes(each, onLogOdds),
  }))
}

/** Above the lowest threshold without a false episode: room for records that are unlike those seen. */
const margin = 2

/** The lowest threshold without a false episode on DS1, each record seen by a model that had not seen it, and a margin. */
function chooseThreshold(watched: readonly Watched[]): number {
  const others = watched.filter(({ database }) => database !== 'cudb')
  let threshold = 1
  while (threshold < 9 && scoreEpisodes(recordEpisodes(others, threshold)).falseEpisodes > 0) threshold += 0.5
  return threshold + margin
}

/** The threshold with 98 % specificity on the windows of cudb. */
function specificThreshold(watched: readonly Watched[]): number {
  const own = watched.filter(({ database }) => database === 'cudb').flatMap(each => windows(each, windowSeconds).windows)
  return thresholdAt(own, 0.98) ?? Number.POSITIVE_INFINITY
}

const figure = (value: number | null): string => (value === null ? '-' : value.toFixed(3))
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Cross-validated figures of the whole watch on cudb and DS1, and what the final model does on records that nobody fitted. */
export async function report(folder: string): Promise<void> {
  const folds = JSON.parse(readFileSync(path.join(folder, 'folds.json'), 'utf8')) as { held: string[]; model: TreeEnsemble }[]
  const foldOf = (name: string): number => folds.findIndex(({ held }) => held.includes(name))
  const seen: Watched[] = []
  for (const record of cudb) seen.push(await watch('cudb', record, [0], folds[foldOf(`cudb/${record}`)]?.model))
  for (const record of ds1) seen.push(await watch('mitdb', record, [0], folds[foldOf(`mitdb/${record}`)]?.model))
  const own = seen.filter(({ database }) => database === 'cudb')
  for (const [title, seconds] of [
    ['majority of the 8 s', windowSeconds],
    ['last second', 1],
  ] as const) {
    const scored = scoreWindows(own.map(each => windows(each, seconds)))
    const { auc, seAtSp98, ci95, byRecord } = scored
    say(`cudb, truth: ${title}: AUC ${figure(auc)} [${figure(ci95.auc?.low ?? null)}, ${figure(ci95.auc?.high ?? null)}]`)
    say(`  Se at Sp 98: ${figure(seAtSp98)} [${figure(ci95.seAtSp98?.low ?? null)}, ${figure(ci95.seAtSp98?.high ?? null)}]`)
    if (seconds !== windowSeconds) continue
    for (const each of byRecord) {
      say(
        `  ${each.record} windows ${each.windows} VF ${each.positive} AUC ${figure(each.auc)} missed ${each.missed} false ${each.falsePositive}`,
      )
    }
    for (const left of [['cu20'], ['cu14', 'cu20']]) {
      const without = scoreWindows(own.filter(({ record }) => !left.includes(record)).map(each => windows(each, seconds)))
      say(`  without ${left.join(' ')}: AUC ${figure(without.auc)}, Se at Sp 98 ${figure(without.seAtSp98)}`)
    }
  }
  reportFolds(seen, folds.length, foldOf)
  const onLogOdds = chooseThreshold(seen)
  say(`threshold from all: ${onLogOdds} (the watch has ${fibrillationWatchDefaults.onLogOdds})`)
  await reportOthers()
}

/** Thresholds fixed inside the folds. */
function reportFolds(seen: readonly Watched[], count: number, foldOf: (name: string) => number): void {
  const inFold = (fold: number) => (each: Watched) => foldOf(`${each.database}/${each.record}`) === fold
  const told: RecordEpisodes[] = []
  const hits = { positive: 0, found: 0, negative: 0, wrong: 0 }
  const chosen: number[] = []
  for (let fold = 0; fold < count; fold++) {
    const others = seen.filter(each => !inFold(fold)(each))
    const threshold = chooseThreshold(others)
    const specific = specificThreshold(others)
    chosen.push(threshold)
    const held = seen.filter(inFold(fold))
    told.push(...recordEpisodes(held, threshold))
    const all = held.filter(({ database }) => database === 'cudb').flatMap(each => windows(each, windowSeconds).windows)
    const positive = all.filter(({ truth }) => truth).length
    hits.positive += positive
    hits.found += Math.round((sensitivity(all, specific) ?? 0) * positive)
    hits.negative += all.length - positive
    hits.wrong += all.filter(({ truth, value }) => !truth && value >= specific).length
  }
  say(`thresholds of the folds for episodes: ${chosen.join(' ')}`)
  say(
    `  windows of cudb at the threshold for Sp 98 on the other folds: Se ${figure(hits.found / hits.positive)}, Sp ${figure(1 - hits.wrong / hits.negative)}`,
  )
  for (const [title, is] of [
    ['cudb', (record: string) => record.startsWith('cu')],
    ['mitdb DS1', (record: string) => !record.startsWith('cu')],
  ] as const) {
    const scored = scoreEpisodes(told.filter(({ record }) => is(record)))
    say(
      `  ${title}: ${scored.detectedWithin10s} of ${scored.episodes} episodes within 10 s, ${scored.detected} at all; median ${figure(scored.delays[scored.delays.length >> 1] ?? null)} s`,
    )
    say(`    interval ${figure(scored.ci95?.low ?? null)} to ${figure(scored.ci95?.high ?? null)}; false episodes: ${scored.falseEpisodes}`)
    for (const { record, delays, falseEpisodes } of scored.byRecord) {
      const late = delays.some(delay => delay === null || delay > 10)
      if (falseEpisodes > 0 || late)
        say(`    ${record}: delays ${delays.map(delay => delay?.toFixed(1) ?? 'none').join(', ')}; false ${falseEpisodes}`)
    }
  }
}

/** The final model, with the watch's own threshold. */
async function reportOthers(): Promise<void> {
  const noisy = ['118e24', '118e18', '118e12', '118e06', '118e00', '118e_6', 'bw', 'em', 'ma']
  const sets: [string, string, readonly string[], readonly number[]][] = [
    ['mitdb DS2 lead 0', 'mitdb', ds2, [0]],
    ['mitdb DS2 lead 1', 'mitdb', ds2, [1]],
    ['mitdb DS2 both leads', 'mitdb', ds2, [0, 1]],
    ['mitdb paced lead 0', 'mitdb', paced, [0]],
    ['mitdb DS1 lead 0 (fitted on)', 'mitdb', ds1, [0]],
    ['mitdb DS1 lead 1 (fitted on)', 'mitdb', ds1, [1]],
    ['nsrdb lead 0', 'nsrdb', ['16265', '16273', '16795'], [0]],
    ['nsrdb lead 1', 'nsrdb', ['16265', '16273', '16795'], [1]],
    ['nstdb lead 0', 'nstdb', noisy, [0]],
    ['nstdb both leads', 'nstdb', noisy, [0, 1]],
  ]
  for (const [title, database, records, leads] of sets) {
    const watched: Watched[] = []
    for (const record of records) watched.push(await watch(database, record, leads))
    tell(title, watched)
  }
  const rows = readFileSync(path.join(datasetFolder('cinc2015'), 'ALARMS.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
  const counts = new Map<string, { alarms: number; told: number; records: string[] }>()
  for (const row of rows) {
    const [record = '', alarm = '', truth = ''] = row.trim().split(',')
    const leads = await ecgLeads('cinc2015', record)
    if (leads.length === 0) continue
    const watched = await watch('cinc2015', record, leads)
    const end = 300 * watched.fsHz
    const told = episodes(watched, fibrillationWatchDefaults.onLogOdds).filter(({ decided }) => decided <= end)
    const key = `${alarm} ${truth === '1' ? 'true' : 'false'}`
    const count = counts.get(key) ?? { alarms: 0, told: 0, records: [] }
    count.alarms++
    if (told.length > 0) {
      count.told++
      count.records.push(`${record} ${told.map(({ decided }) => Math.round(decided / watched.fsHz)).join('/')} s`)
    }
    counts.set(key, count)
  }
  for (const [key, { alarms, told, records }] of [...counts].sort())
    say(`cinc2015 ${key}: VF told before 5:00 in ${told} of ${alarms}: ${records.join(', ')}`)
}

function tell(title: string, watched: readonly Watched[]): void {
  const {
    byRecord,
    falseEpisodes,
    episodes: true10,
    detectedWithin10s,
  } = scoreEpisodes(recordEpisodes(watched, fibrillationWatchDefaults.onLogOdds))
  const hours = watched.reduce((sum, { seconds }) => sum + seconds.length, 0) / 3600
  const wrong = byRecord.filter(each => each.falseEpisodes > 0).map(each => `${each.record}: ${each.falseEpisodes}`)
  say(
    `${title}: ${falseEpisodes} false episodes in ${hours.toFixed(1)} h (${wrong.join(', ')}); ${detectedWithin10s} of ${true10} true ones within 10 s`,
  )
}

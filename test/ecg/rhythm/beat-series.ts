import type { ConfirmedBeat, EcgAnalyser } from '../../../src/ecg/ecg-analyser.js'
import type { EcgView } from '../../../src/ecg/ecg-view.js'
import type { BeatClass, RhythmName, RhythmObservation } from '../../../src/signal/observation.js'

export const fs = 250

/** A view of a lead without P waves: nothing but a line at zero. */
const flatView: EcgView = {
  fsHz: fs,
  leadCount: 1,
  millivolts: true,
  end: Number.POSITIVE_INFINITY,
  reachSeconds: 10,
  read: (_lead, _from, into) => into.fill(0).length,
}

/** What an analyser is told, in order. */
export type Told =
  | { readonly kind: 'beat'; readonly at: number; readonly beatClass: BeatClass; readonly quality?: number; readonly linked?: boolean }
  | { readonly kind: 'gap'; readonly at: number }
  | { readonly kind: 'poor'; readonly at: number }

/**
 * Beats from a text of classes, `seconds` apart; `|` is a gap of a second, `#` a second of rejected quality. The first beat lies at
 * `from` + `seconds`.
 */
export function series(classes: string, seconds: number | readonly number[], from = 0): Told[] {
  const told: Told[] = []
  let at = from
  let linked = false
  let beats = 0
  for (const letter of classes.replaceAll(' ', '')) {
    if (letter === '|' || letter === '#') {
      at += 1
      told.push({ kind: letter === '|' ? 'gap' : 'poor', at })
      linked = false
      continue
    }
    at += typeof seconds === 'number' ? seconds : (seconds[beats % seconds.length] as number)
    beats += 1
    told.push({ kind: 'beat', at, beatClass: letter as BeatClass, linked })
    linked = true
  }
  return told
}

/** Feeds what is told, and the ends of seconds between, to the analysers; returns what they said. Times in seconds. */
export function tell(analysers: readonly EcgAnalyser[], told: readonly Told[], options: TellOptions = {}): RhythmObservation[] {
  const said: RhythmObservation[] = []
  const view = options.view ?? flatView
  const emit = (o: unknown) => said.push(o as RhythmObservation)
  const lag = Math.round(0.35 * fs)
  let second = 0
  let last = Number.NaN
  const poorUntil = new Set(told.flatMap(item => (item.kind === 'poor' ? [Math.ceil(item.at) - 1] : [])))
  const closeSeconds = (upTo: number) => {
    while ((second + 1) * fs <= upTo) {
      const quality = poorUntil.has(second) ? 0.1 : 0.9
      const closed = {
        lead: 0,
        from: second * fs,
        to: (second + 1) * fs,
        quality,
        reason: quality < 0.5 ? 'noise' : 'good',
        chosen: 0,
      } as const
      second += 1
      for (const analyser of analysers) analyser.second(closed, second * fs - 1, view, emit)
    }
  }
  told.forEach((item, i) => {
    options.before?.(i)
    const index = Math.round(item.at * fs)
    const decided = item.kind === 'beat' ? index + lag : index
    closeSeconds(decided)
    if (item.kind === 'gap') for (const analyser of analysers) analyser.gap(0, index - fs, decided, view, emit)
    if (item.kind !== 'beat') {
      last = Number.NaN
      return
    }
    const rr = (index - last) / fs
    const beat: ConfirmedBeat = {
      index,
      fraction: 0,
      lead: 0,
      height: 1,
      likeness: 0.95,
      rrSeconds: item.linked === false || Number.isNaN(rr) ? null : rr,
      quality: item.quality ?? 0.9,
      searchedBack: false,
      beatClass: item.beatClass,
      confidence: 0.9,
      reasons: [],
    }
    last = index
    for (const analyser of analysers) analyser.beat(beat, decided, view, emit)
  })
  const end = Math.round(((told.at(-1)?.at ?? 0) + (options.silenceSeconds ?? 0)) * fs) + lag
  closeSeconds(end)
  if (options.end !== false) for (const analyser of analysers) analyser.end(end, view, emit)
  return said
}

export interface TellOptions {
  readonly view?: EcgView
  /** Signal without beats at the end. */
  readonly silenceSeconds?: number
  /** Whether the timeline ends. */
  readonly end?: boolean
  readonly before?: (item: number) => void
}

/** `on 1.25` and `off 3.00` of one rhythm: what it was told to be and where, in seconds. */
export function changes(said: readonly RhythmObservation[], rhythm: RhythmName): string[] {
  return said.filter(o => o.rhythm === rhythm).map(o => `${o.on ? 'on' : 'off'} ${(o.index / fs).toFixed(2)}`)
}

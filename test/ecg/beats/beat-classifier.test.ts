import { describe, expect, test } from 'vitest'
import type { BeatVerdict } from '../../../src/ecg/beat-verdict.js'
import { createBeatClassifier } from '../../../src/ecg/beats/beat-classifier.js'
import { beatReasons } from '../../../src/ecg/beats/beat-reasons.js'
import { drawBeats, MemoryView, type SyntheticBeat } from './synthetic-beats.js'

const seconds = 150

/** A regular rhythm of 75 /min with small waver; from 60 s on every tenth beat is of that kind and early. */
function rhythm(kind: SyntheticBeat['kind']): SyntheticBeat[] {
  const beats: SyntheticBeat[] = []
  let at = 0.8
  for (let i = 0; at < seconds - 1; i++) {
    const ectopic = i > 70 && i % 10 === 0
    beats.push({ seconds: at, kind: ectopic ? kind : 'normal' })
    const next = i + 1 > 70 && (i + 1) % 10 === 0
    at += (next ? 0.52 : ectopic ? 1 : 0.8) + 0.01 * Math.sin(i)
  }
  return beats
}

function judgeAll(beats: readonly SyntheticBeat[], fsHz: number, leads: readonly Float64Array[]): BeatVerdict[] {
  const view = new MemoryView(leads, fsHz)
  const classifier = createBeatClassifier({ fsHz, leadCount: leads.length })
  return beats.map((beat, i) => {
    const index = Math.round(beat.seconds * fsHz)
    view.end = index + Math.ceil(classifier.lookAheadSeconds * fsHz) + 1
    const before = beats[i - 1]
    return classifier.judge(
      {
        index,
        fraction: beat.seconds * fsHz - index,
        lead: 0,
        height: 1,
        likeness: 1,
        rrSeconds: before ? beat.seconds - before.seconds : null,
        quality: 1,
        searchedBack: false,
      },
      view,
    )
  })
}

describe('the class of a beat', () => {
  for (const fsHz of [100, 128, 250, 360, 1000]) {
    test(`early wide beats are V and all others N, in one lead of ${fsHz} Hz whatever its gain`, () => {
      const beats = rhythm('wide')
      for (const gain of [0.2, 1, 30]) {
        const verdicts = judgeAll(beats, fsHz, [drawBeats(beats, fsHz, seconds, gain)])
        expect(verdicts.map(verdict => verdict.beatClass).join('')).toBe(beats.map(({ kind }) => (kind === 'wide' ? 'V' : 'N')).join(''))
      }
    })
  }

  test('early beats of the usual shape with another P wave are S, none is V', () => {
    const beats = rhythm('early-p')
    const verdicts = judgeAll(beats, 250, [drawBeats(beats, 250, seconds)])
    const early = verdicts.filter((_, i) => beats[i]?.kind === 'early-p').map(verdict => verdict.beatClass)
    expect(new Set(early)).toEqual(new Set(['S']))
    expect(verdicts.filter((_, i) => beats[i]?.kind === 'normal').every(verdict => verdict.beatClass === 'N')).toBe(true)
  })

  test('a verdict that is not N says why, in words of the vocabulary; an early wide beat is named so', () => {
    const beats = rhythm('wide')
    const verdicts = judgeAll(beats, 250, [drawBeats(beats, 250, seconds)])
    const reasons = verdicts.filter(({ beatClass }) => beatClass === 'V').map(verdict => verdict.reasons)
    expect(reasons.length).toBeGreaterThan(5)
    for (const words of reasons) {
      expect(words.length).toBeGreaterThanOrEqual(1)
      expect(words.length).toBeLessThanOrEqual(3)
      for (const word of words) expect(beatReasons).toContain(word)
    }
    expect(reasons.flat()).toContain('wide')
  })

  test('the first beats, before a usual shape is known, are N with little confidence', () => {
    const beats = rhythm('wide')
    const verdicts = judgeAll(beats, 250, [drawBeats(beats, 250, seconds)])
    for (const verdict of verdicts.slice(0, 6)) expect(verdict).toEqual({ beatClass: 'N', confidence: 0.3, reasons: ['learning'] })
    expect(verdicts[40]?.confidence).toBeGreaterThan(0.9)
  })

  test('a beat whose shape cannot be seen is Q; the beats after it are judged as before', () => {
    const beats = rhythm('wide')
    const signal = drawBeats(beats, 250, seconds)
    const lost = beats[50] as SyntheticBeat
    signal.fill(Number.NaN, Math.round((lost.seconds - 0.05) * 250), Math.round((lost.seconds + 0.05) * 250))
    const verdicts = judgeAll(beats, 250, [signal])
    expect(verdicts[50]).toEqual({ beatClass: 'Q', confidence: 0, reasons: ['no-shape'] })
    expect(verdicts.filter((_, i) => i !== 50).map(verdict => verdict.beatClass)).not.toContain('Q')
  })

  test('a second lead without signal changes no class', () => {
    const beats = rhythm('wide')
    const signal = drawBeats(beats, 250, seconds)
    const nothing = new Float64Array(signal.length).fill(Number.NaN)
    const classes = (verdicts: BeatVerdict[]): string => verdicts.map(({ beatClass }) => beatClass).join('')
    expect(classes(judgeAll(beats, 250, [signal, nothing]))).toBe(classes(judgeAll(beats, 250, [signal])))
  })

  test('in a rhythm without steady intervals no beat is called S', () => {
    let at = 0.8
    let random = 7
    const beats: SyntheticBeat[] = []
    while (at < seconds - 1) {
      beats.push({ seconds: at, kind: 'normal' })
      random = (random * 16_807) % 2_147_483_647
      at += 0.45 + (0.6 * random) / 2_147_483_647
    }
    const verdicts = judgeAll(beats, 250, [drawBeats(beats, 250, seconds)])
    expect(verdicts.slice(40).map(({ beatClass }) => beatClass)).not.toContain('S')
  })

  test('sinus rhythm that speeds up and slows down over many beats has no S', () => {
    const beats: SyntheticBeat[] = []
    for (let at = 0.8, i = 0; at < seconds - 1; i++) {
      beats.push({ seconds: at, kind: 'normal' })
      at += 0.75 + 0.2 * Math.sin(i / 12)
    }
    const verdicts = judgeAll(beats, 250, [drawBeats(beats, 250, seconds)])
    expect(new Set(verdicts.map(({ beatClass }) => beatClass))).toEqual(new Set(['N']))
  })

  test('judges as new after a restart', () => {
    const beats = rhythm('wide')
    const signal = drawBeats(beats, 250, seconds)
    const view = new MemoryView([signal], 250)
    const classifier = createBeatClassifier({ fsHz: 250, leadCount: 1 })
    const all = (): BeatVerdict[] =>
      beats.map((beat, i) =>
        classifier.judge(
          {
            index: Math.round(beat.seconds * 250),
            fraction: 0,
            lead: 0,
            height: 1,
            likeness: 1,
            rrSeconds: i === 0 ? null : beat.seconds - (beats[i - 1] as SyntheticBeat).seconds,
            quality: 1,
            searchedBack: false,
          },
          view,
        ),
      )
    const first = all()
    classifier.restart()
    expect(all()).toEqual(first)
  })
})

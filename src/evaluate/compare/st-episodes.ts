import type { Annotation, Stretch } from './annotation.js'

/** An episode; its extremum where one is marked. */
export interface Episode extends Stretch {
  readonly extremum?: number
}

/**
 * Ischemic ST episodes, `s` annotations in the manner of the European ST-T database: `(ST0+` begins one in signal 0, `AST0+350`
 * marks its extremum, `ST0+)` ends it. Without `signal`, episodes of several signals that overlap are one.
 */
export function stEpisodes(annotations: readonly Annotation[], end: number, signal?: number): Episode[] {
  const episodes: Episode[] = []
  let open = 0
  let start = 0
  let extremum: { sample: number; deviation: number } | null = null
  const close = (sample: number): void => {
    episodes.push(extremum === null ? { start, end: sample } : { start, end: sample, extremum: extremum.sample })
  }
  for (const { sample, symbol, aux = '' } of annotations) {
    if (symbol !== 's') continue
    const mark = /^(\(|A)?ST(\d?)[+-]?(\d*)(\))?$/.exec(aux)
    if (mark === null || (signal !== undefined && mark[2] !== signal.toString())) continue
    const deviation = Number(mark[3])
    if (mark[1] === '(') {
      if (open++ === 0) {
        start = sample
        extremum = null
      }
    } else if (open > 0 && mark[1] === 'A') {
      if (extremum === null || deviation > extremum.deviation) extremum = { sample, deviation }
    } else if (open > 0 && mark[4] === ')' && --open === 0) close(sample)
  }
  if (open > 0) close(Math.max(start, end))
  return episodes
}

import type { Annotation } from '../../../src/evaluate/compare/annotation.js'

/** Annotations from text: `100N 200V 300~-1 400+(AFIB 500s(ST0+ 600=72.5` are sample, symbol, and subtype (of `~`) or text (of others). */
export function annotate(text: string): Annotation[] {
  return text
    .split(' ')
    .filter(part => part !== '')
    .map(part => {
      const parts = /^(\d+)(.)(.*)$/.exec(part)
      if (parts === null) throw new Error(`no annotation: ${part}`)
      const [, sample, symbol, rest] = parts as unknown as [string, string, string, string]
      return symbol === '~'
        ? { sample: Number(sample), symbol, subtype: Number(rest) }
        : { sample: Number(sample), symbol, subtype: 0, aux: rest }
    })
}

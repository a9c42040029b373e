/**
 * Annotation codes and the symbols that stand for them, as the WFDB annotation table (annot(5), ecgcodes.h) lists them.
 * Codes 15, 17 and 42 to 49 have no symbol of their own.
 */
const symbols: readonly (readonly [number, string])[] = [
  [1, 'N'],
  [2, 'L'],
  [3, 'R'],
  [4, 'a'],
  [5, 'V'],
  [6, 'F'],
  [7, 'J'],
  [8, 'A'],
  [9, 'S'],
  [10, 'E'],
  [11, 'j'],
  [12, '/'],
  [13, 'Q'],
  [14, '~'],
  [16, '|'],
  [18, 's'],
  [19, 'T'],
  [20, '*'],
  [21, 'D'],
  [22, '"'],
  [23, '='],
  [24, 'p'],
  [25, 'B'],
  [26, '^'],
  [27, 't'],
  [28, '+'],
  [29, 'u'],
  [30, '?'],
  [31, '!'],
  [32, '['],
  [33, ']'],
  [34, 'e'],
  [35, 'n'],
  [36, '@'],
  [37, 'x'],
  [38, 'f'],
  [39, '('],
  [40, ')'],
  [41, 'r'],
]

const byCode: ReadonlyMap<number, string> = new Map(symbols)
const bySymbol: ReadonlyMap<string, number> = new Map(symbols.map(([code, symbol]) => [symbol, code]))

/** Highest code that an annotation may have; above it stand the pseudo-annotations. */
export const maxAnnotationCode = 49

/** Symbol of a code; `[15]` and the like for those without. */
export function annotationSymbol(code: number): string {
  return byCode.get(code) ?? `[${code}]`
}

export function annotationCode(symbol: string): number | undefined {
  const numbered = /^\[(\d{1,2})\]$/.exec(symbol)
  return bySymbol.get(symbol) ?? (numbered === null ? undefined : Number(numbered[1]))
}

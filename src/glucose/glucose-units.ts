/** mg/dL in 1 mmol/L: a tenth of the molar mass of glucose, 180.156 g/mol. The wire takes mmol/L with the same factor. */
const milligramsPerMillimole = 18.0156

export function toMillimoles(milligramsPerDecilitre: number): number {
  return milligramsPerDecilitre / milligramsPerMillimole
}

export function toMilligrams(millimolesPerLitre: number): number {
  return millimolesPerLitre * milligramsPerMillimole
}

/** To the unit of the catalogue: (value + `before`) * `factor`. */
export interface UnitConversion {
  readonly before: number
  readonly factor: number
}

/** UCUM units that a temperature is read in, to Cel. `degF` is the name without brackets that devices send. */
export const temperatureUnits: Readonly<Record<string, UnitConversion>> = {
  Cel: { before: 0, factor: 1 },
  K: { before: -273.15, factor: 1 },
  degF: { before: -32, factor: 5 / 9 },
  '[degF]': { before: -32, factor: 5 / 9 },
}

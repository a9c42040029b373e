/** UCUM units whose names in WFDB and EDF files are others; `toUcum` reads all of them back. */
const written: Readonly<Record<string, string>> = {
  'mm[Hg]': 'mmHg',
  Cel: 'degC',
  '[g]': 'g',
  'm[g]': 'mg',
  '1': 'NU',
  '/min': 'bpm',
  deg: 'degrees',
}

/** A unit as signal files write it, printable and without blanks. */
export function writtenUnit(ucum: string): string {
  const unit = Object.hasOwn(written, ucum) ? written[ucum]! : ucum
  return unit.replace(/^\{(.*)\}$/, '$1').replace(/[^!-~]/g, '_') || 'NU'
}

/** Names of at most `most` printable ASCII characters, different from each other. */
export function writtenNames(names: readonly string[], most: number): string[] {
  const taken = new Set<string>()
  return names.map((name, index) => {
    const base = name.replace(/[^ -~]/g, '_').trim() || `signal ${index}`
    let chosen = base.slice(0, most).trim()
    for (let number = 2; taken.has(chosen); number++) chosen = `${base.slice(0, most - ` ${number}`.length).trim()} ${number}`
    taken.add(chosen)
    return chosen
  })
}

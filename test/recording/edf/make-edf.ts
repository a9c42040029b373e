import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface MadeSignal {
  readonly label: string
  readonly unit?: string
  readonly physical?: readonly [number, number]
  readonly digital?: readonly [number, number]
  readonly perRecord: number
  /** Sample `i` of data record `record`. */
  readonly value: (record: number, i: number) => number
}

export interface MadeEdf {
  readonly reserved?: string
  readonly records: number
  readonly said?: number
  readonly duration?: string
  readonly signals: readonly MadeSignal[]
  /** Bytes of the annotation signal in each data record; left out: there is none. */
  readonly notes?: (record: number) => string
}

/** A file of 16-bit samples as the specification lays it out, by hand. */
export function makeEdf({ reserved = '', records, said = records, duration = '1', signals, notes }: MadeEdf): Uint8Array {
  const all = [...signals, ...(notes === undefined ? [] : [{ label: 'EDF Annotations', perRecord: 30, value: () => 0 } as MadeSignal])]
  const field = (text: string | number, size: number): string => String(text).padEnd(size).slice(0, size)
  const column = (size: number, of: (signal: MadeSignal) => string | number): string => all.map(signal => field(of(signal), size)).join('')
  const head =
    field('0', 8) +
    field('X X X X', 80) +
    field('Startdate 02-MAR-2024 X X X', 80) +
    '02.03.24' +
    '04.05.06' +
    field(256 * (all.length + 1), 8) +
    field(reserved, 44) +
    field(said, 8) +
    field(duration, 8) +
    field(all.length, 4) +
    column(16, one => one.label) +
    column(80, () => '') +
    column(8, one => one.unit ?? 'uV') +
    column(8, one => one.physical?.[0] ?? -100) +
    column(8, one => one.physical?.[1] ?? 100) +
    column(8, one => one.digital?.[0] ?? -1000) +
    column(8, one => one.digital?.[1] ?? 1000) +
    column(80, () => '') +
    column(8, one => one.perRecord) +
    column(32, () => '')
  const parts: Buffer[] = [Buffer.from(head, 'latin1')]
  for (let record = 0; record < records; record++) {
    for (const signal of all) {
      const bytes = Buffer.alloc(signal.perRecord * 2)
      if (signal.label === 'EDF Annotations') bytes.write(notes!(record), 'utf8')
      else for (let i = 0; i < signal.perRecord; i++) bytes.writeInt16LE(signal.value(record, i), 2 * i)
      parts.push(bytes)
    }
  }
  return Buffer.concat(parts)
}

export function writeTemporary(bytes: Uint8Array, name = 'made.edf'): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'vitalwire-edf-')), name)
  writeFileSync(file, bytes)
  return file
}

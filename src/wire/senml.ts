import type { Decoded } from './chunk.js'
import { decodeDocument, type Encoding, encodeDocument } from './document.js'
import type { PackReason } from './reasons.js'

/**
 * A resolved SenML record (RFC 8428, section 4.6): base fields are worked in. `t` is in seconds as sent: below 2^28
 * relative to now, else since 1970 (section 4.5.3). Exactly one of the values is there, or only a sum.
 */
export interface SenmlRecord {
  readonly n: string
  readonly u?: string
  readonly v?: number
  readonly vs?: string
  readonly vb?: boolean
  readonly vd?: string | Uint8Array
  readonly s?: number
  readonly t: number
  readonly ut?: number
}

/** A record as it stands in a pack. */
export interface RawRecord {
  bn?: string
  bt?: number
  bu?: string
  bv?: number
  bs?: number
  bver?: number
  n?: string
  u?: string
  v?: number
  vs?: string
  vb?: boolean
  vd?: string | Uint8Array
  s?: number
  t?: number
  ut?: number
}

/** Section 6, table 4: labels of the CBOR representation. `vd` is 8. */
const labels: Readonly<Record<string, number>> = {
  bver: -1,
  bn: -2,
  bt: -3,
  bu: -4,
  bv: -5,
  bs: -6,
  n: 0,
  u: 1,
  v: 2,
  vs: 3,
  vb: 4,
  s: 5,
  t: 6,
  ut: 7,
  vd: 8,
}
const fieldOf = new Map(Object.entries(labels).map(([field, label]) => [String(label), field]))
const numbers = ['bver', 'bt', 'bv', 'bs', 'v', 's', 't', 'ut']
const texts = ['bn', 'bu', 'n', 'u', 'vs']
const values = ['v', 'vs', 'vb', 'vd'] as const
/** Section 4.5.1: names are made of these and begin with a letter or digit. */
const nameSyntax = /^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/
const maxRecords = 4096
const defaultVersion = 10

/** Decodes and resolves a pack, JSON or CBOR. */
export function decodeSenml(bytes: Uint8Array): Decoded<SenmlRecord[], PackReason> {
  const document = decodeDocument(bytes)
  if (document === undefined) return { reason: 'pack-syntax' }
  if (!Array.isArray(document) || document.length === 0 || document.length > maxRecords) return { reason: 'pack-senml' }
  const base = {
    bn: '',
    bt: 0,
    bu: undefined as string | undefined,
    bv: undefined as number | undefined,
    bs: undefined as number | undefined,
  }
  let version: number | undefined
  const records: SenmlRecord[] = []
  for (const item of document as unknown[]) {
    const raw = readRecord(item)
    if (raw === null) return { reason: 'pack-senml' }
    if (raw.bver !== undefined && version !== undefined && raw.bver !== version) return { reason: 'pack-senml' }
    version = raw.bver ?? version
    base.bn = raw.bn ?? base.bn
    base.bt = raw.bt ?? base.bt
    base.bu = raw.bu ?? base.bu
    base.bv = raw.bv ?? base.bv
    base.bs = raw.bs ?? base.bs
    const record = resolve(raw, base)
    if (record === undefined) return { reason: 'pack-senml' }
    if (record !== null) records.push(record)
  }
  if (version !== undefined && (!Number.isInteger(version) || version < 1 || version > defaultVersion)) return { reason: 'pack-senml' }
  return { ok: records }
}

function readRecord(item: unknown): RawRecord | null {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null
  const record: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(item)) {
    const field = fieldOf.get(key) ?? key
    if (numbers.includes(field)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) return null
    } else if (texts.includes(field)) {
      if (typeof value !== 'string') return null
    } else if (field === 'vb') {
      if (typeof value !== 'boolean') return null
    } else if (field === 'vd') {
      if (typeof value !== 'string' && !(value instanceof Uint8Array)) return null
    } else if (field.endsWith('_')) {
      // Section 4.4: such a field must be understood, or the pack not be processed.
      return null
    } else continue
    if (record[field] !== undefined) return null
    record[field] = value
  }
  return record as RawRecord
}

interface Base {
  bn: string
  bt: number
  bu: string | undefined
  bv: number | undefined
  bs: number | undefined
}

/** Null: a record of base fields only. Undefined: not valid. */
function resolve(raw: RawRecord, base: Base): SenmlRecord | null | undefined {
  const given = values.filter(field => raw[field] !== undefined)
  if (given.length > 1) return undefined
  const value =
    raw.v !== undefined ? raw.v + (base.bv ?? 0) : given.length === 0 && base.bv !== undefined && raw.n !== undefined ? base.bv : undefined
  const sum = raw.s !== undefined ? raw.s + (base.bs ?? 0) : undefined
  if (given.length === 0 && value === undefined && sum === undefined) return raw.n === undefined && raw.t === undefined ? null : undefined
  const n = base.bn + (raw.n ?? '')
  const t = base.bt + (raw.t ?? 0)
  const u = raw.u ?? base.bu
  if (!nameSyntax.test(n) || !Number.isFinite(t) || (value !== undefined && !Number.isFinite(value))) return undefined
  return {
    n,
    t,
    ...(u === undefined ? {} : { u }),
    ...(value === undefined ? {} : { v: value }),
    ...(raw.vs === undefined ? {} : { vs: raw.vs }),
    ...(raw.vb === undefined ? {} : { vb: raw.vb }),
    ...(raw.vd === undefined ? {} : { vd: raw.vd }),
    ...(sum === undefined ? {} : { s: sum }),
    ...(raw.ut === undefined ? {} : { ut: raw.ut }),
  }
}

export function encodeSenml(records: readonly RawRecord[], encoding: Encoding = 'json'): Uint8Array {
  if (encoding === 'json') return encodeDocument(records)
  const maps = records.map(record => new Map(Object.entries(record).map(([field, value]) => [labels[field]!, value])))
  return encodeDocument(maps, 'cbor')
}

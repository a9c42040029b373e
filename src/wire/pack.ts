import { catalogue, isVitalName, type VitalName } from '../signal/catalogue.js'
import { ofSameCuff, pressureNames, pressureOrder } from '../signal/cuff-pressure.js'
import { type CuffMethod, type CuffSite, cuffMethods, cuffSites, type NumericSample } from '../signal/numeric.js'
import { roundHalfAway } from '../signal/rate.js'
import { isWornAtLimb } from '../signal/skin-sensor.js'
import type { Birth } from './birth.js'
import type { Decoded } from './chunk.js'
import type { Encoding } from './document.js'
import type { PackReason, RecordReason } from './reasons.js'
import type { RefusedRecord } from './receiver-actions.js'
import { decodeSenml, encodeSenml, type RawRecord, type SenmlRecord } from './senml.js'
import { toCatalogueUnit } from './ucum.js'

/** A pack whose identity is known; its values are read when its turn comes. */
export interface Pack {
  readonly boot: number
  readonly seq: number
  readonly last: boolean
  readonly records: readonly SenmlRecord[]
}

export interface PackValues {
  /** Device clock of its newest value, or, without values, at which it was sent; microseconds. */
  readonly t: number
  readonly samples: readonly NumericSample[]
  readonly refused: readonly RefusedRecord[]
}

/** What a pack is checked against besides itself. */
export interface PackContext {
  readonly birth: Birth
  /** Receive time, microseconds of wall time; a live source without a clock record means it by "now". */
  readonly at: number
  /** Device clock below which a pack breaks the order of time (N5); null for one that comes late. */
  readonly notBefore: number | null
  /** Highest count so far of each counter in this boot; updated. */
  readonly counters: Record<string, number>
  /** The unit that a device means when it labels a sign with another, with the id of the correction that says so; null: it means what it says. */
  readonly relabel?: Relabel
}

export type Relabel = (name: string, unit: string) => { readonly id: string; readonly to: string } | null

const relative = 2 ** 28
const identity = /^(\d{1,10}):(\d{1,10})$/
const futureToleranceMicros = 2_000_000
const special = ['device-clock', 'last', 'author']
/** Records that tell of the pressures behind them; an empty word: no more is known of those that follow. */
const cuffWords: Readonly<Record<string, { field: 'cuffSite' | 'cuffMethod'; accepted: readonly string[] }>> = {
  'cuff-site': { field: 'cuffSite', accepted: cuffSites },
  'cuff-method': { field: 'cuffMethod', accepted: cuffMethods },
}

/** Reads the frame of a pack: SenML, the `pack` record in front, and whether it is the last. */
export function decodePack(bytes: Uint8Array): Decoded<Pack, PackReason> {
  const senml = decodeSenml(bytes)
  if ('reason' in senml) return senml
  const [first, ...records] = senml.ok
  const match = first?.n === 'pack' && first.vs !== undefined ? identity.exec(first.vs) : null
  const boot = Number(match?.[1] ?? Number.NaN)
  const seq = Number(match?.[2] ?? Number.NaN)
  if (!(boot <= 0xffffffff && seq <= 0xffffffff)) return { reason: 'pack-identity' }
  const end = records.at(-1)
  return { ok: { boot, seq, last: end?.n === 'last' && end.vb === true, records } }
}

/** Places the records in time and checks each (N1 to N5). A record that is not accepted leaves the others as they are. */
export function readPack(pack: Pack, context: PackContext): Decoded<PackValues, PackReason> {
  const { birth, at } = context
  const clock = pack.records.find(record => record.n === 'device-clock')
  if (clock !== undefined && (clock.v === undefined || clock.u !== 's')) return { reason: 'pack-clock' }
  const offset = birth.epoch ?? null
  const live = birth.clock !== 'recorded'
  const now = clock?.v !== undefined ? roundHalfAway(clock.v * 1e6) : live && offset !== null ? at - offset : null
  const latest = live && offset !== null ? at - offset + futureToleranceMicros : Number.POSITIVE_INFINITY
  const samples: NumericSample[] = []
  const refused: RefusedRecord[] = []
  let author: string | undefined
  let newest = Number.NEGATIVE_INFINITY
  const cuff: { cuffSite?: CuffSite; cuffMethod?: CuffMethod } = {}
  for (const record of pack.records) {
    if (record.n === 'author' && record.vs !== undefined && record.vs !== '') author = record.vs
    if (special.includes(record.n)) continue
    if (Object.hasOwn(cuffWords, record.n)) {
      if (!tellCuff(cuff, record)) refused.push({ name: record.n, reason: 'wrong-value' })
      continue
    }
    const from = record.t < relative ? now : offset === null ? null : -offset
    if (from === null) return { reason: 'pack-clock' }
    const t = from + roundHalfAway(record.t * 1e6)
    if (!Number.isSafeInteger(t) || t < 0) return { reason: 'pack-clock' }
    const future = t > latest || (record.t > 0 && record.t < relative && live)
    const early = context.notBefore !== null && t < context.notBefore
    const read = future ? 'time-future' : early ? 'time-order' : readValue(record, t, author, isWornAtLimb(birth.streams), context.relabel)
    if (typeof read === 'string') refused.push({ name: record.n.slice(0, 64), reason: read, ...sentNumber(record, read) })
    else samples.push(pressureNames.includes(read.name) ? { ...read, ...cuff } : read)
    if (typeof read !== 'string' && t > newest) newest = t
  }
  // An empty pack stands for the moment at which it was sent.
  if (newest < 0) newest = now ?? context.notBefore ?? 0
  if (!Number.isSafeInteger(newest) || newest < 0) return { reason: 'pack-clock' }
  const checked = crossCheck(samples, context.counters, refused)
  // N5 asks for the order of times; a pack that has it inside out is put right, ties stay as they came.
  checked.sort((a, b) => a.t - b.t)
  return { ok: { t: newest, samples: checked, refused } }
}

/** An impossible number as it was sent: it may tell that its unit is another. */
function sentNumber({ v, u }: SenmlRecord, reason: RecordReason): { sent?: { value: number; unit: string } } {
  return reason === 'impossible' && v !== undefined ? { sent: { value: v, unit: u ?? '' } } : {}
}

/** Takes a word on the cuff; false when it is none that is known, and then nothing more is known of it. */
function tellCuff(cuff: { cuffSite?: CuffSite; cuffMethod?: CuffMethod }, { n, vs }: SenmlRecord): boolean {
  const { field, accepted } = cuffWords[n]!
  delete cuff[field]
  if (vs === '') return true
  if (vs === undefined || !accepted.includes(vs)) return false
  Object.assign(cuff, { [field]: vs })
  return true
}

function readValue(
  record: SenmlRecord,
  t: number,
  author: string | undefined,
  atLimb: boolean,
  relabel: Relabel | undefined,
): NumericSample | RecordReason {
  if (!isVitalName(record.n)) return 'unknown-name'
  // A band at wrist or ankle cannot measure the body's temperature; what a person entered was read elsewhere.
  const name = record.n === 'temperature' && atLimb && author === undefined ? 'skin-temperature' : record.n
  const signed = author === undefined ? {} : { author }
  if (name === 'consciousness') {
    if (record.vs === undefined || !/^[ACVPU]$/.test(record.vs)) return 'wrong-value'
    // Only a person can judge it: one that nobody signed (N4) counts, and is marked.
    return { name, value: record.vs, t, status: author === undefined ? 'questionable' : 'valid', ...signed }
  }
  if (name === 'supplemental-oxygen') {
    return record.vb === undefined ? 'wrong-value' : { name, value: record.vb, t, status: 'valid', ...signed }
  }
  if (record.v === undefined) return 'wrong-value'
  const label = record.u ?? ''
  const meant = relabel?.(name, label) ?? null
  const value = toCatalogueUnit(name, record.v, meant?.to ?? label)
  if (value === null) return 'unknown-unit'
  const { possible, plausible } = catalogue[name]
  if (possible !== null && !(value >= possible[0] && value <= possible[1])) return 'impossible'
  const doubtful = plausible !== null && !(value >= plausible[0] && value <= plausible[1])
  // As with consciousness: a symptom that nobody signed counts, and is marked.
  const unsigned = reportedNames.includes(name) && author === undefined
  const old = meant === null ? null : toCatalogueUnit(name, record.v, label)
  const corrected = meant === null || old === null ? {} : { corrected: { id: meant.id, old } }
  const status = doubtful || unsigned || meant !== null ? 'questionable' : 'valid'
  return { name, value, t, status, ...signed, ...corrected }
}

/** What only a person can say. */
const reportedNames: readonly VitalName[] = ['dyspnoea', 'cough', 'sputum', 'swelling']
const counterNames: readonly VitalName[] = ['steps']

/** N3: pressures of one cuff and moment in order, equal ones flagged; counters never down within a boot. */
function crossCheck(samples: NumericSample[], counters: Record<string, number>, refused: RefusedRecord[]): NumericSample[] {
  const moments = new Map<number, NumericSample[]>()
  for (const sample of samples) {
    if (!pressureNames.includes(sample.name)) continue
    const together = moments.get(sample.t)
    if (together === undefined) moments.set(sample.t, [sample])
    else together.push(sample)
  }
  return samples.flatMap((sample): NumericSample[] => {
    if (counterNames.includes(sample.name)) {
      const value = sample.value as number
      if (value < (counters[sample.name] ?? 0)) {
        refused.push({ name: sample.name, reason: 'counter-backwards' })
        return []
      }
      counters[sample.name] = value
    }
    const together = moments.get(sample.t)
    if (!pressureNames.includes(sample.name) || together === undefined) return [sample]
    const order = pressureOrder(ofSameCuff(together, sample))
    if (order === 'wrong') {
      refused.push({ name: sample.name, reason: 'pressure-order', t: sample.t })
      return []
    }
    return [order === 'equal' ? { ...sample, status: 'questionable' } : sample]
  })
}

/** One pack as a device without UTC sends it. `clock` is the device clock in microseconds; no sample may lie behind it. */
export interface PackToSend {
  readonly boot: number
  readonly seq: number
  readonly clock: number
  readonly samples: readonly NumericSample[]
  readonly last?: boolean
}

export function encodePack(pack: PackToSend, encoding: Encoding = 'json'): Uint8Array {
  const records: RawRecord[] = [
    { n: 'pack', vs: `${pack.boot}:${pack.seq}` },
    { n: 'device-clock', u: 's', v: pack.clock / 1e6 },
  ]
  let author: string | undefined
  const told: Record<string, string> = {}
  // Records without author go first, as an `author` record holds for all that follow it.
  const ordered = [...pack.samples].sort((a, b) => Number(a.author !== undefined) - Number(b.author !== undefined))
  for (const sample of ordered) {
    if (sample.author !== undefined && sample.author !== author) {
      author = sample.author
      records.push({ n: 'author', vs: author })
    }
    for (const [n, { field }] of Object.entries(cuffWords)) {
      const word = sample[field] ?? ''
      if (!pressureNames.includes(sample.name) || word === (told[n] ?? '')) continue
      told[n] = word
      records.push({ n, vs: word })
    }
    const ago = (sample.t - pack.clock) / 1e6
    records.push({ n: sample.name, ...valueField(sample), ...(ago === 0 ? {} : { t: ago }) })
  }
  if (pack.last === true) records.push({ n: 'last', vb: true })
  return encodeSenml(records, encoding)
}

function valueField(sample: NumericSample): RawRecord {
  if (typeof sample.value === 'string') return { vs: sample.value }
  if (typeof sample.value === 'boolean') return { vb: sample.value }
  return { u: catalogue[sample.name].unit, v: sample.value }
}

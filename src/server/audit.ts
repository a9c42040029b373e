import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { VitalwireError } from '../errors.js'
import { appendLine } from '../journal/append-line.js'
import { canonicalJson } from '../signal/canonical-json.js'

/** What a person changed, or tried to. */
export interface AuditEntry {
  readonly who: string
  /** Known by a token; else the name is only what the client said. */
  readonly verified: boolean
  /** Address that the request came from. */
  readonly from: string
  /** e.g. `alert.acknowledge`, `patient.attributes`. */
  readonly what: string
  readonly subject: string
  readonly old: unknown
  readonly new: unknown
  readonly why: string
  readonly outcome: 'done' | 'refused' | 'failed'
}

export interface AuditRecord extends AuditEntry {
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** Hash of the record before; of the first: 64 zeros. */
  readonly previous: string
  /** SHA-256 of `previous` and the canonical JSON of this record without `hash`. */
  readonly hash: string
}

export type AuditVerdict =
  | { readonly ok: true; readonly records: number; readonly head: string }
  | { readonly ok: false; readonly line: number; readonly reason: string }

const firstPrevious = '0'.repeat(64)

/**
 * The audit trail: JSON lines, only ever appended, each with the hash of the one before, on disk before the answer. The
 * newest hash stands in a file of its own, so that lines cut off at the end are missed too. Who can write both files can
 * still write a new history: keep `head` elsewhere where that matters.
 */
export class AuditLog {
  private constructor(
    private readonly dir: string,
    private readonly handle: number,
    private seq: number,
    private previous: string,
    private readonly now: () => Date,
  ) {}

  /** A trail whose chain is broken is not written to. A last line that a crash cut short was never answered: it goes. */
  static async open(dir: string, now: () => Date = () => new Date()): Promise<AuditLog> {
    mkdirSync(dir, { recursive: true })
    dropHalfLine(auditFile(dir))
    const verdict = await verifyAudit(dir)
    if (!verdict.ok) {
      throw new VitalwireError(
        'disk-format',
        `${auditFile(dir)} line ${verdict.line}: ${verdict.reason}; move the folder away to begin a new trail`,
      )
    }
    try {
      return new AuditLog(dir, openSync(auditFile(dir), 'a', 0o600), verdict.records, verdict.head, now)
    } catch (cause) {
      throw new VitalwireError('disk-write', `${auditFile(dir)} cannot be written: ${(cause as Error).message}`, { cause })
    }
  }

  append(entry: AuditEntry): AuditRecord {
    const unsigned = {
      ...entry,
      old: plain(entry.old),
      new: plain(entry.new),
      seq: this.seq + 1,
      at: this.now().toISOString(),
      previous: this.previous,
    }
    const record: AuditRecord = { ...unsigned, hash: hashOf(unsigned) }
    appendLine(this.handle, JSON.stringify(record))
    this.seq = record.seq
    this.previous = record.hash
    this.writeHead(record)
    return record
  }

  close(): void {
    closeSync(this.handle)
  }

  private writeHead(record: AuditRecord): void {
    const next = `${headFile(this.dir)}.next`
    const handle = openSync(next, 'w', 0o600)
    try {
      writeFileSync(handle, `${record.seq} ${record.hash}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(next, headFile(this.dir))
  }
}

/** Follows the chain from its first line; the first line that does not fit, else the number of records and the newest hash. */
export async function verifyAudit(dir: string): Promise<AuditVerdict> {
  let previous = firstPrevious
  let seq = 0
  let headSeen = false
  const head = readHead(dir)
  if (existsSync(auditFile(dir))) {
    for await (const line of createInterface({ input: createReadStream(auditFile(dir)), crlfDelay: Number.POSITIVE_INFINITY })) {
      let record: AuditRecord
      try {
        record = JSON.parse(line) as AuditRecord
      } catch {
        return { ok: false, line: seq + 1, reason: 'is not JSON' }
      }
      if (typeof record !== 'object' || record === null || Array.isArray(record))
        return { ok: false, line: seq + 1, reason: 'is no record' }
      const { hash, ...unsigned } = record
      if (record.seq !== seq + 1) return { ok: false, line: seq + 1, reason: `has number ${record.seq} in place of ${seq + 1}` }
      if (record.previous !== previous) return { ok: false, line: seq + 1, reason: 'does not follow from the line before' }
      if (hashOf(unsigned) !== hash) return { ok: false, line: seq + 1, reason: 'was changed: its hash is another' }
      previous = hash
      seq += 1
      if (head !== null && seq === head.seq) headSeen = hash === head.hash
    }
  }
  if (head !== null && !headSeen)
    return { ok: false, line: seq + 1, reason: `is missing or another: the trail went on to record ${head.seq}` }
  if (head === null && seq > 1) return { ok: false, line: seq + 1, reason: 'cannot be ruled out: the file of the newest hash is missing' }
  return { ok: true, records: seq, head: previous }
}

export async function* exportAudit(dir: string): AsyncGenerator<AuditRecord> {
  if (!existsSync(auditFile(dir))) return
  for await (const line of createInterface({ input: createReadStream(auditFile(dir)), crlfDelay: Number.POSITIVE_INFINITY })) {
    yield JSON.parse(line) as AuditRecord
  }
}

function dropHalfLine(file: string): void {
  if (!existsSync(file)) return
  const bytes = readFileSync(file)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) truncateSync(file, whole)
}

function auditFile(dir: string): string {
  return join(dir, 'audit.jsonl')
}

function headFile(dir: string): string {
  return join(dir, 'audit.head')
}

function readHead(dir: string): { seq: number; hash: string } | null {
  if (!existsSync(headFile(dir))) return null
  const [seq, hash] = readFileSync(headFile(dir), 'utf8').trim().split(' ')
  return { seq: Number(seq), hash: hash ?? '' }
}

function hashOf(unsigned: Omit<AuditRecord, 'hash'>): string {
  return createHash('sha256').update(unsigned.previous).update(canonicalJson(unsigned)).digest('hex')
}

/** As JSON keeps it: what is hashed must be what is read back. */
function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

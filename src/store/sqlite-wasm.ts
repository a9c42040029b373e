import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import sqlite from 'node-sqlite3-wasm'
import { VitalwireError } from '../errors.js'
import type { SqliteDriver, SqlRow } from './sqlite-driver.js'
import { runTransaction } from './sqlite-transaction.js'

/**
 * SQLite as WebAssembly: no compiler, no write-ahead log. It locks by a folder `FILE.lock`, which a killed process
 * leaves behind; so the owner of the database is written beside it, and the lock of an owner that is gone is removed.
 */
export async function openWasmSqlite(file: string): Promise<SqliteDriver> {
  claimOwnership(file)
  const database = new sqlite.Database(file)
  try {
    database.exec('PRAGMA synchronous = NORMAL')
  } catch (problem) {
    database.close()
    throw problem
  }
  const statements = new Map<string, ReturnType<typeof database.prepare>>()
  const prepare = (sql: string): ReturnType<typeof database.prepare> => {
    let statement = statements.get(sql)
    if (!statement) statements.set(sql, (statement = database.prepare(sql)))
    return statement
  }
  return {
    name: 'node-sqlite3-wasm',
    wal: false,
    exec: sql => database.exec(sql),
    run: (sql, values) => void prepare(sql).run([...values]),
    all: (sql, values) =>
      prepare(sql)
        .all([...values])
        .map(plainRow),
    transaction: work => runTransaction(sql => database.exec(sql), work),
    close: () => {
      for (const statement of statements.values()) statement.finalize()
      database.close()
      rmSync(ownerFile(file), { force: true })
    },
  }
}

/** Integers beyond 32 bits come as BigInt; ours are all below 2^53. */
function plainRow(row: object): SqlRow {
  const plain: Record<string, number | string | null> = {}
  for (const [column, value] of Object.entries(row)) plain[column] = typeof value === 'bigint' ? Number(value) : value
  return plain
}

function ownerFile(file: string): string {
  return `${file}.owner`
}

function claimOwnership(file: string): void {
  const self = processIdentity(process.pid)
  let owner = ''
  try {
    owner = readFileSync(ownerFile(file), 'utf8').trim()
  } catch {
    // nobody owns it
  }
  const pid = Number.parseInt(owner, 10)
  if (owner !== '' && pid !== process.pid && processIdentity(pid) === owner) {
    throw new VitalwireError('disk-write', `the database ${file} is in use by process ${pid}; one engine for each data folder`)
  }
  if (owner !== self) rmSync(`${file}.lock`, { recursive: true, force: true })
  writeFileSync(ownerFile(file), `${self}\n`)
}

/** `PID START`: a process id alone may be another process's by now. Empty when there is none. */
function processIdentity(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 0) return ''
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`
  } catch {
    // no /proc: the process id has to do
  }
  try {
    process.kill(pid, 0)
    return `${pid}`
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code === 'EPERM' ? `${pid}` : ''
  }
}

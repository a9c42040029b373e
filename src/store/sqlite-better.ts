import type { SqliteDriver, SqlRow, SqlValue } from './sqlite-driver.js'
import { runTransaction } from './sqlite-transaction.js'

/** What is used of better-sqlite3, which is optional and so has no types at build time. */
interface BetterDatabase {
  prepare(sql: string): BetterStatement
  exec(sql: string): void
  pragma(text: string): unknown
  close(): void
}

interface BetterStatement {
  run(...values: SqlValue[]): unknown
  all(...values: SqlValue[]): unknown[]
}

type BetterConstructor = new (file: string) => BetterDatabase

/** null when the package is not installed or its native part was not built for this Node. */
export async function openBetterSqlite(file: string): Promise<SqliteDriver | null> {
  const Database = await loadBetterSqlite()
  if (!Database) return null
  const database = new Database(file)
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
  } catch (problem) {
    database.close()
    throw problem
  }
  const statements = new Map<string, BetterStatement>()
  const prepare = (sql: string): BetterStatement => {
    let statement = statements.get(sql)
    if (!statement) statements.set(sql, (statement = database.prepare(sql)))
    return statement
  }
  return {
    name: 'better-sqlite3',
    wal: true,
    exec: sql => database.exec(sql),
    run: (sql, values) => void prepare(sql).run(...values),
    all: (sql, values) => prepare(sql).all(...values) as SqlRow[],
    transaction: work => runTransaction(sql => database.exec(sql), work),
    close: () => database.close(),
  }
}

async function loadBetterSqlite(): Promise<BetterConstructor | null> {
  try {
    const name = 'better-sqlite3'
    const loaded = (await import(name)) as { default: BetterConstructor }
    // The native part is loaded by the first connection, not by the import.
    new loaded.default(':memory:').close()
    return loaded.default
  } catch {
    return null
  }
}

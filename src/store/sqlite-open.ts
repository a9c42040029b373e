import { VitalwireError } from '../errors.js'
import { openBetterSqlite } from './sqlite-better.js'
import type { SqliteDriver } from './sqlite-driver.js'
import { openWasmSqlite } from './sqlite-wasm.js'

export type DriverChoice = 'auto' | 'better-sqlite3' | 'node-sqlite3-wasm'

/** `auto` takes better-sqlite3 when its native part loads, else the one that needs no compiler. */
export async function openSqlite(file: string, choice: DriverChoice): Promise<SqliteDriver> {
  try {
    if (choice !== 'node-sqlite3-wasm') {
      const native = await openBetterSqlite(file)
      if (native) return native
      if (choice === 'better-sqlite3')
        throw new VitalwireError('usage-config', 'store.driver: better-sqlite3 does not load here; accepted: auto, node-sqlite3-wasm')
    }
    return await openWasmSqlite(file)
  } catch (cause) {
    if (cause instanceof VitalwireError) throw cause
    throw databaseError(file, cause as Error)
  }
}

/** A file that is no database is one thing, a disk that cannot be written another. */
export function databaseError(file: string, cause: Error): VitalwireError {
  return /not a database|malformed|corrupt/i.test(cause.message)
    ? new VitalwireError('disk-format', `${file} is no database: ${cause.message}; accepted: a new file, or one that this version wrote`, {
        cause,
      })
    : new VitalwireError('disk-write', `the database ${file} cannot be opened: ${cause.message}; accepted: a file that can be written`, {
        cause,
      })
}

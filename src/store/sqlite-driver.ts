export type SqlValue = number | string | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** The little of SQLite that the embedded store needs, the same over both packages. One connection, synchronous. */
export interface SqliteDriver {
  readonly name: 'better-sqlite3' | 'node-sqlite3-wasm'
  /** Write-ahead log: readers of other processes do not stop the writer. */
  readonly wal: boolean
  exec(sql: string): void
  run(sql: string, values: readonly SqlValue[]): void
  all(sql: string, values: readonly SqlValue[]): SqlRow[]
  /** All of `work` or none of it. */
  transaction(work: () => void): void
  close(): void
}

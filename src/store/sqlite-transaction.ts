/** All of `work` or none of it; `exec` runs one statement. */
export function runTransaction(exec: (sql: string) => void, work: () => void): void {
  exec('BEGIN IMMEDIATE')
  try {
    work()
    exec('COMMIT')
  } catch (problem) {
    try {
      exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself (disk full, I/O error); the first problem is the one to tell.
    }
    throw problem
  }
}

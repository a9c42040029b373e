/** A progress bar on standard error when it is a terminal; nothing otherwise. */
export function progressBar(name: string): { update: (done: number, total: number) => void; end: () => void } {
  if (!process.stderr.isTTY) return { update: () => undefined, end: () => undefined }
  const width = 30
  return {
    update: (done, total) => {
      const share = total > 0 && Number.isFinite(total) ? Math.min(1, done / total) : 0
      const bar = '#'.repeat(Math.round(share * width)).padEnd(width, '.')
      process.stderr.write(`\r${name} [${bar}] ${Math.round(done)} s`)
    },
    end: () => process.stderr.write('\r\x1b[K'),
  }
}

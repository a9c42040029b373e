export interface ProgressBar {
  /** Both in the bar's unit; a total that is not finite shows no share. `at`: what is at work. */
  update(done: number, total: number, at?: string): void
  end(): void
}

const width = 30

/** A progress bar on standard error when it is a terminal; nothing otherwise. */
export function progressBar(name: string, unit: 's' | 'MB' | 'records'): ProgressBar {
  if (!process.stderr.isTTY) return { update: () => undefined, end: () => undefined }
  return {
    update: (done, total, at = '') => {
      const known = total > 0 && Number.isFinite(total)
      const bar = '#'.repeat(known ? Math.round(Math.min(1, done / total) * width) : 0).padEnd(width, '.')
      process.stderr.write(
        `\r\x1b[K${name} [${bar}] ${Math.round(done)}${known ? ` of ${Math.round(total)}` : ''} ${unit}${at === '' ? '' : ` ${at}`}`,
      )
    },
    end: () => process.stderr.write('\r\x1b[K'),
  }
}

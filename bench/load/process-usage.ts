import { readFileSync } from 'node:fs'

/** CPU time and memory of another process of this machine (Linux). */
export interface Usage {
  readonly cpuSeconds: number
  readonly residentMiB: number
  /** Highest resident memory so far. */
  readonly peakMiB: number
}

const ticksPerSecond = 100

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program stands in brackets and may hold spaces; utime and stime are the 12th and 13th behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN)
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMiB: kilobytes('VmRSS') / 1024,
    peakMiB: kilobytes('VmHWM') / 1024,
  }
}

/** Microseconds of the machine's monotonic clock, the same in every process of it. */
export function monotonicMicros(): number {
  return Number(process.hrtime.bigint()) / 1e3
}

/**
 * VF filter leakage (Kuo and Dillman 1978): a narrow band stop at the mean frequency of the signal, made by adding the signal to itself
 * half a period later. 0 for a sine, near 1 for spikes with a quiet line between. The half period comes from the mean size of
 * the signal over that of its steps.
 */
export function leakage(x: Float64Array, from: number, to: number): number {
  let size = 0
  let steps = 0
  for (let i = from + 1; i < to; i++) {
    size += Math.abs(x[i] as number)
    steps += Math.abs((x[i] as number) - (x[i - 1] as number))
  }
  if (steps === 0) return 1
  const half = Math.min(Math.max(1, Math.floor((Math.PI * size) / steps + 0.5)), (to - from) >> 1)
  let left = 0
  let all = 0
  for (let i = from + half; i < to; i++) {
    const now = x[i] as number
    const then = x[i - half] as number
    left += Math.abs(now + then)
    all += Math.abs(now) + Math.abs(then)
  }
  return all === 0 ? 1 : left / all
}

/** The natural cubic spline through the points; outside it keeps its end values. Times must rise. */
export function cubicSpline(times: readonly number[], values: readonly number[]): (time: number) => number {
  const count = times.length
  const bends = naturalBends(times, values)
  let piece = 0
  return time => {
    if (time <= (times[0] as number)) return values[0] as number
    if (time >= (times[count - 1] as number)) return values[count - 1] as number
    if (time < (times[piece] as number)) piece = 0
    while (time > (times[piece + 1] as number)) piece += 1
    const from = times[piece] as number
    const width = (times[piece + 1] as number) - from
    const right = (time - from) / width
    const left = 1 - right
    const cubic = (left * left * left - left) * (bends[piece] as number) + (right * right * right - right) * (bends[piece + 1] as number)
    return left * (values[piece] as number) + right * (values[piece + 1] as number) + (cubic * width * width) / 6
  }
}

/** Second derivatives at the points: a tridiagonal system, solved by elimination (zero at both ends). */
function naturalBends(times: readonly number[], values: readonly number[]): Float64Array {
  const count = times.length
  const bends = new Float64Array(count)
  const upper = new Float64Array(count)
  for (let i = 1; i < count - 1; i++) {
    const before = (times[i] as number) - (times[i - 1] as number)
    const after = (times[i + 1] as number) - (times[i] as number)
    const rise = ((values[i + 1] as number) - (values[i] as number)) / after - ((values[i] as number) - (values[i - 1] as number)) / before
    const pivot = 2 * (before + after) - before * (upper[i - 1] as number)
    upper[i] = after / pivot
    bends[i] = (6 * rise - before * (bends[i - 1] as number)) / pivot
  }
  for (let i = count - 2; i > 0; i--) bends[i] = (bends[i] as number) - (upper[i] as number) * (bends[i + 1] as number)
  return bends
}

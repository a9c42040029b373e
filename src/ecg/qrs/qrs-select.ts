/** The value that would stand at `rank` if the first `count` were sorted (Hoare, Comm ACM 4, 1961: FIND); moves them about. */
export function selectSmallest(values: Float64Array, count: number, rank: number): number {
  let from = 0
  let to = count - 1
  while (from < to) {
    const pivot = values[rank] as number
    let i = from
    let j = to
    while (i <= j) {
      while ((values[i] as number) < pivot) i++
      while ((values[j] as number) > pivot) j--
      if (i > j) break
      const x = values[i] as number
      values[i++] = values[j] as number
      values[j--] = x
    }
    if (j < rank) from = i
    if (rank < i) to = j
  }
  return values[rank] as number
}

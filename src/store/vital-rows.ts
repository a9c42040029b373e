import type { VitalBucket, VitalPoint, VitalSeries, VitalsQuery } from './store.js'

/** A point of the measurement `vitals` with all its fields (see influx-points.ts); `t` in microseconds. */
export type VitalRow = { readonly t: number } & Readonly<Record<string, unknown>>

/** Series by name out of points that hold several vital signs each. */
export function seriesFromRows(rows: readonly VitalRow[], query: VitalsQuery): VitalSeries[] {
  const series = new Map<string, { unit: string; points: VitalPoint[] }>()
  for (const row of rows) {
    for (const [field, status] of Object.entries(row)) {
      if (!field.endsWith('.status') || status === null) continue
      const name = field.slice(0, -'.status'.length)
      if (query.names && !query.names.includes(name)) continue
      let own = series.get(name)
      if (!own) series.set(name, (own = { unit: '', points: [] }))
      own.unit = String(row[`${name}.unit`] ?? own.unit)
      own.points.push({
        t: row.t,
        value: (row[name] as VitalPoint['value'] | undefined) ?? null,
        quality: (row[`${name}.quality`] as number | null | undefined) ?? null,
        status: String(status),
        reason: (row[`${name}.reason`] as string | null | undefined) ?? null,
        stream: String(row.stream ?? ''),
      })
    }
  }
  return [...series]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => {
      own.points.sort((a, b) => a.t - b.t)
      if (query.stepSeconds === undefined) return { name, unit: own.unit, points: newest(own.points, query.limit) }
      return { name, unit: own.unit, buckets: newest(bucketPoints(own.points, query.stepSeconds), query.limit) }
    })
}

/** Buckets begin at whole multiples of the step; values that are no number are left out. */
function bucketPoints(points: readonly VitalPoint[], stepSeconds: number): VitalBucket[] {
  const step = Math.round(stepSeconds * 1e6)
  const buckets: { t: number; count: number; min: number; mean: number; max: number }[] = []
  let sum = 0
  for (const { t, value } of points) {
    if (typeof value !== 'number') continue
    const start = Math.floor(t / step) * step
    let last = buckets.at(-1)
    if (!last || last.t !== start) {
      buckets.push((last = { t: start, count: 0, min: value, mean: 0, max: value }))
      sum = 0
    }
    last.count += 1
    sum += value
    last.min = Math.min(last.min, value)
    last.max = Math.max(last.max, value)
    last.mean = sum / last.count
  }
  return buckets
}

function newest<T>(rows: T[], limit: number | undefined): T[] {
  return limit === undefined || rows.length <= limit ? rows : rows.slice(rows.length - limit)
}

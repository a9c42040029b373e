import { fluxString, HttpError, InfluxDB, type Transport } from '@influxdata/influxdb-client'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import { DeadLetters } from './dead-letters.js'
import { alertsFromEvents, qualityFromEvents, scoresFromEvents, sessionsFromEvents } from './influx-fold.js'
import { eventPoints, influxLine, segmentPoints } from './influx-points.js'
import { readUrl } from './influx-v1.js'
import { PositionFile } from './position-file.js'
import type { AppendResult, SegmentsQuery, Store, StoreBatch, StoredPosition, TimeRange, VitalSeries, VitalsQuery } from './store.js'
import { seriesFromRows, type VitalRow } from './vital-rows.js'

export interface InfluxV2Options {
  readonly url: string
  readonly org: string
  readonly bucket: string
  readonly token: string
  /** Folder of this store's position and dead letters. */
  readonly dir: string
  readonly keepBeats?: boolean
}

/** Lines of one request; a request that is refused is repeated in halves until the bad lines stand alone. */
const requestLines = 5000

/**
 * InfluxDB 2.x, and what speaks its write endpoint (3.x, VictoriaMetrics). The package's own buffering write API
 * resolves `close()` with points unsent and takes partial success for success; so batches go through the package's
 * transport, one request at a time, and only status 204 (200 of some proxies) with an empty body counts as kept.
 */
export async function openInfluxV2Store(options: InfluxV2Options): Promise<Store> {
  return new InfluxV2Store(options)
}

class InfluxV2Store implements Store {
  readonly name = 'influx-v2'
  readonly description: string
  private readonly influx: InfluxDB
  private readonly transport: Transport
  private readonly positionFile: PositionFile
  private readonly deadLetters: DeadLetters

  constructor(private readonly options: InfluxV2Options) {
    const url = readUrl(options.url)
    this.description = `InfluxDB 2.x at ${url.origin}, bucket ${options.bucket}`
    this.influx = new InfluxDB({ url: options.url, token: options.token, timeout: 30_000 })
    this.transport = this.influx.transport
    this.positionFile = new PositionFile(`${options.dir}/influx-v2.position.json`, this.description)
    this.deadLetters = new DeadLetters(`${options.dir}/influx-v2.dead-letters.ndjson`)
  }

  async position(): Promise<StoredPosition | null> {
    return this.positionFile.read()
  }

  async append(batch: StoreBatch, position: StoredPosition): Promise<AppendResult> {
    const points = [...eventPoints(batch.events, this.options.keepBeats ?? false), ...segmentPoints(batch.segments)]
    const lines = points.map(influxLine)
    let deadLettered = 0
    for (let at = 0; at < lines.length; at += requestLines) deadLettered += await this.write(lines.slice(at, at + requestLines))
    this.positionFile.write(position)
    return { written: lines.length - deadLettered, deadLettered }
  }

  async vitals(query: VitalsQuery): Promise<VitalSeries[]> {
    const rows = await this.rows('vitals', query, [['patient', query.patient]])
    return seriesFromRows(rows as VitalRow[], query)
  }

  async alerts(query: Parameters<Store['alerts']>[0]): ReturnType<Store['alerts']> {
    return alertsFromEvents(await this.events(['condition', 'acknowledge', 'session'], query.patient), query)
  }

  async scores(query: Parameters<Store['scores']>[0]): ReturnType<Store['scores']> {
    return scoresFromEvents(await this.events(['score'], query.patient, query), query)
  }

  async sessions(query: Parameters<Store['sessions']>[0]): ReturnType<Store['sessions']> {
    return sessionsFromEvents(await this.events(['session'], undefined), query)
  }

  async quality(query: Parameters<Store['quality']>[0]): ReturnType<Store['quality']> {
    return qualityFromEvents(await this.events(['quality-report'], query.patient, query), query)
  }

  async segments(query: SegmentsQuery): Promise<WaveSegment[]> {
    const tags: [string, string][] = [['patient', query.patient]]
    if (query.stream !== undefined) tags.push(['stream', query.stream])
    const rows = await this.rows('segments', { from: query.from - 3600e6, to: query.to }, tags)
    const segments = rows.map(row => ({
      patient: String(row.patient),
      device: String(row.device),
      boot: Number(row.boot),
      stream: String(row.stream),
      from: row.t,
      to: Number(row.to),
      file: String(row.file),
      chunks: JSON.parse(String(row.chunks)) as WaveSegment['chunks'],
    }))
    return segments.filter(row => row.to > query.from).slice(0, query.limit)
  }

  async close(): Promise<void> {
    this.deadLetters.close()
  }

  /** Lines that the database refuses for good. Everything else that goes wrong rejects. */
  private async write(lines: readonly string[]): Promise<number> {
    if (lines.length === 0) return 0
    const refusal = await this.post(lines.join('\n'))
    if (refusal === null) return 0
    if (lines.length === 1) {
      this.deadLetters.keep(lines[0]!, refusal)
      return 1
    }
    // A line that was taken already is written again onto itself.
    const half = lines.length >> 1
    return (await this.write(lines.slice(0, half))) + (await this.write(lines.slice(half)))
  }

  /** null: kept. A text: refused because of its lines, wholly or in part. */
  private async post(body: string): Promise<string | null> {
    const { org, bucket } = this.options
    const path = `/api/v2/write?org=${encodeURIComponent(org)}&bucket=${encodeURIComponent(bucket)}&precision=ns`
    let status: number | undefined
    try {
      const answer: unknown = await this.transport.request(
        path,
        body,
        { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' }, gzipThreshold: 1000 },
        (_headers, statusCode) => {
          status = statusCode
        },
      )
      if (status === 204 || (status === 200 && isEmpty(answer))) return null
      return `HTTP ${status}: ${typeof answer === 'string' ? answer : JSON.stringify(answer)}`
    } catch (problem) {
      // 400 and 422 speak of the lines; 401, 404, 413, 429, 5xx and the network do not.
      if (problem instanceof HttpError && (problem.statusCode === 400 || problem.statusCode === 422)) return problem.message
      throw problem
    }
  }

  private async events(types: readonly string[], patient: string | undefined, range: TimeRange = {}): Promise<LoggedEvent[]> {
    const rows = await this.rows('events', range, patient === undefined ? [] : [['patient', patient]], types)
    return rows.map(row => JSON.parse(String(row.json)) as LoggedEvent)
  }

  /** Points with their fields side by side. Flux: `pivot` by time in each series, so by its tags. */
  private async rows(
    measurement: string,
    range: TimeRange,
    tags: readonly (readonly [string, string])[],
    types: readonly string[] = [],
  ): Promise<({ t: number } & Record<string, unknown>)[]> {
    const filters = tags.map(([tag, value]) => `r[${fluxString(tag)}] == ${fluxString(value)}`)
    if (types.length > 0) filters.push(`(${types.map(type => `r["type"] == ${fluxString(type)}`).join(' or ')})`)
    const query = [
      `from(bucket: ${fluxString(this.options.bucket)})`,
      `|> range(start: ${fluxTime(range.from, '1677-09-22T00:00:00Z')}, stop: ${fluxTime(range.to, '2262-04-11T00:00:00Z')})`,
      `|> filter(fn: (r) => r["_measurement"] == ${fluxString(measurement)}${filters.map(filter => ` and ${filter}`).join('')})`,
      '|> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
    ].join('\n  ')
    const rows: ({ t: number } & Record<string, unknown>)[] = []
    for await (const { values, tableMeta } of this.influx.getQueryApi(this.options.org).iterateRows(query)) {
      const row = tableMeta.toObject(values) as Record<string, unknown>
      rows.push({ ...row, t: parseFluxMicros(String(row._time)) })
    }
    rows.sort((a, b) => a.t - b.t)
    return rows
  }
}

function isEmpty(answer: unknown): boolean {
  return answer === undefined || answer === null || answer === ''
}

function fluxTime(micros: number | undefined, otherwise: string): string {
  if (micros === undefined) return otherwise
  const whole = Math.ceil(micros)
  const seconds = Math.floor(whole / 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(whole - seconds * 1e6).padStart(6, '0')}Z`
}

/** RFC 3339 with up to nine decimals; Date would cut it to milliseconds. */
function parseFluxMicros(text: string): number {
  const [, seconds, decimals] = /^(.{19})(?:\.(\d+))?Z$/.exec(text) ?? []
  if (seconds === undefined) throw new RangeError(`${JSON.stringify(text)} is no time in UTC`)
  return Date.parse(`${seconds}Z`) * 1000 + Number((decimals ?? '').padEnd(6, '0').slice(0, 6))
}

import { InfluxDB, type toNanoDate } from 'influx'
import { VitalwireError } from '../errors.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import { DeadLetters } from './dead-letters.js'
import { alertsFromEvents, qualityFromEvents, scoresFromEvents, sessionsFromEvents } from './influx-fold.js'
import { eventPoints, type FieldValue, type InfluxPoint, influxLine, segmentPoints } from './influx-points.js'
import { PositionFile } from './position-file.js'
import type { AppendResult, SegmentsQuery, Store, StoreBatch, StoredPosition, TimeRange, VitalSeries, VitalsQuery } from './store.js'
import { seriesFromRows, type VitalRow } from './vital-rows.js'

export interface InfluxV1Options {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string
  readonly database: string
  readonly user?: string
  readonly password?: string
  /** Folder of this store's position and dead letters. */
  readonly dir: string
  readonly keepBeats?: boolean
  /** The package waits for ever for the rest of an answer whose connection broke; so everything asked of it ends by then. */
  readonly answerMs?: number
}

/** Points of one request; a request that fails in part is repeated in halves until the bad points stand alone. */
const requestPoints = 5000

/** InfluxDB 1.x. The database is made when it is not there. */
export async function openInfluxV1Store(options: InfluxV1Options): Promise<Store> {
  return new InfluxV1Store(options)
}

class InfluxV1Store implements Store {
  readonly name = 'influx-v1'
  readonly description: string
  private readonly influx: InfluxDB
  private readonly positionFile: PositionFile
  private readonly deadLetters: DeadLetters
  private prepared = false

  constructor(private readonly options: InfluxV1Options) {
    const url = readUrl(options.url)
    this.description = `InfluxDB 1.x at ${url.origin}, database ${options.database}`
    this.influx = new InfluxDB({
      database: options.database,
      ...(options.user === undefined ? {} : { username: options.user, password: options.password ?? '' }),
      hosts: [
        {
          host: url.hostname,
          port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
          protocol: url.protocol === 'https:' ? 'https' : 'http',
        },
      ],
      // Retrying is the consumer's business: it knows what is still to be sent.
      pool: { maxRetries: 0, requestTimeout: 30_000 },
    })
    this.positionFile = new PositionFile(`${options.dir}/influx-v1.position.json`, this.description)
    this.deadLetters = new DeadLetters(`${options.dir}/influx-v1.dead-letters.ndjson`)
  }

  async position(): Promise<StoredPosition | null> {
    await this.prepare()
    return this.positionFile.read()
  }

  async append(batch: StoreBatch, position: StoredPosition): Promise<AppendResult> {
    await this.prepare()
    const points = [...eventPoints(batch.events, this.options.keepBeats ?? false), ...segmentPoints(batch.segments)]
    let deadLettered = 0
    for (let at = 0; at < points.length; at += requestPoints) deadLettered += await this.write(points.slice(at, at + requestPoints))
    this.positionFile.write(position)
    return { written: points.length - deadLettered, deadLettered }
  }

  async vitals(query: VitalsQuery): Promise<VitalSeries[]> {
    const rows = await this.rows('SELECT * FROM "vitals"', query, ['patient', query.patient])
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
    const range = { from: query.from - 3600e6, to: query.to }
    const rows = await this.rows('SELECT * FROM "segments"', range, ['patient', query.patient], ['stream', query.stream])
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

  private async answered<T>(asked: Promise<T>): Promise<T> {
    const ms = this.options.answerMs ?? 45_000
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.description}: no whole answer in ${ms / 1000} s`)), ms)
    })
    try {
      return await Promise.race([asked, late])
    } finally {
      clearTimeout(timer)
    }
  }

  private async prepare(): Promise<void> {
    if (this.prepared) return
    await this.answered(this.influx.createDatabase(this.options.database))
    this.prepared = true
  }

  /** Points that the database refuses for good. Everything else that goes wrong rejects. */
  private async write(points: readonly InfluxPoint[]): Promise<number> {
    if (points.length === 0) return 0
    try {
      await this.answered(this.influx.writePoints(points.map(packagePoint), { precision: 'n' }))
      return 0
    } catch (problem) {
      // The database is not there any more: another server, or one that was emptied. It is made again.
      if (statusOf(problem) === 404) this.prepared = false
      if (!isRefusal(problem)) throw problem
      if (points.length === 1) {
        this.deadLetters.keep(influxLine(points[0]!), (problem as Error).message)
        return 1
      }
    }
    // A point that was taken already is written again onto itself.
    const half = points.length >> 1
    return (await this.write(points.slice(0, half))) + (await this.write(points.slice(half)))
  }

  private async events(types: readonly string[], patient: string | undefined, range: TimeRange = {}): Promise<LoggedEvent[]> {
    const which = types.map(type => `"type" = ${quote(type)}`).join(' OR ')
    const rows = await this.rows('SELECT "json" FROM "events"', range, ['patient', patient], [`(${which})`])
    return rows.map(row => JSON.parse(String(row.json)) as LoggedEvent)
  }

  /** Rows with `t` in microseconds. A condition is a tag and its value (undefined: any), or InfluxQL of its own. */
  private async rows(
    select: string,
    range: TimeRange,
    ...conditions: (readonly (string | undefined)[])[]
  ): Promise<({ t: number } & Record<string, unknown>)[]> {
    await this.prepare()
    const where: string[] = []
    for (const one of conditions) {
      const [tag, value] = one
      if (one.length === 1) where.push(String(tag))
      else if (value !== undefined) where.push(`"${tag}" = ${quote(value)}`)
    }
    if (range.from !== undefined) where.push(`time >= ${Math.ceil(range.from)}000`)
    if (range.to !== undefined) where.push(`time < ${Math.ceil(range.to)}000`)
    const condition = where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''
    const found = await this.answered(this.influx.query<Record<string, unknown>>(`${select}${condition}`))
    return found.map(row => {
      const time = row.time as ReturnType<typeof toNanoDate>
      return { ...row, t: Number(BigInt(time.getNanoTime()) / 1000n) }
    })
  }
}

function packagePoint(point: InfluxPoint): {
  measurement: string
  tags: Record<string, string>
  fields: Record<string, unknown>
  timestamp: string
} {
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(point.fields)) fields[name] = fieldForPackage(field)
  const tags = Object.fromEntries(Object.entries(point.tags).filter(([, value]) => value !== ''))
  return { measurement: point.measurement, tags, fields, timestamp: point.timestamp }
}

/** Without a schema the package writes numbers as floats and has no way to say integer: those are floats here. */
function fieldForPackage(field: FieldValue): unknown {
  return field.kind === 'string' ? field.value.replaceAll('\n', ' ') : field.value
}

/** 400 and 422 speak of the points; 401, 404, 413, 429, 5xx and the network do not. */
function isRefusal(problem: unknown): boolean {
  const status = statusOf(problem)
  return status === 400 || status === 422
}

function statusOf(problem: unknown): number | undefined {
  return (problem as { res?: { statusCode?: number } }).res?.statusCode
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}

export function readUrl(text: string): URL {
  let url: URL | null = null
  try {
    url = new URL(text)
  } catch {
    // said below
  }
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new VitalwireError(
      'usage-config',
      `store.url: ${JSON.stringify(text)} is no address; accepted: http://HOST:PORT or https://HOST:PORT`,
    )
  return url
}

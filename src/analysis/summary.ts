import type { LoggedEvent } from '../journal/logged-event.js'
import type { Birth } from '../wire/birth.js'

export interface StreamSummary {
  readonly id: string
  readonly kind: string
  readonly channels: readonly string[]
  readonly fs: readonly [number, number]
  readonly unit: string
  /** Samples per channel that were delivered, and missing samples (all channels together). */
  readonly samples: number
  readonly lostSamples: number
}

export interface VitalSummary {
  readonly name: string
  readonly unit: string
  readonly stream: string
  readonly count: number
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface RhythmSummary {
  readonly rhythm: string
  readonly stream: string
  readonly onsetSeconds: number
  /** null: it was on at the end. */
  readonly endSeconds: number | null
  readonly confidence: number
  readonly beats: number | null
  readonly rate: number | null
  readonly evidence: unknown
}

export interface EpisodeSummary {
  readonly episode: string
  readonly stream: string
  readonly onsetSeconds: number
  /** null: it was on at the end. */
  readonly endSeconds: number | null
  readonly confidence: number
  /** What it is measured by, in `unit`; null where nothing is. */
  readonly value: number | null
  readonly unit: string | null
  readonly evidence: unknown
}

export interface AlertSummary {
  readonly condition: string
  readonly stream: string
  readonly priority: string
  readonly kind: string
  readonly onsetSeconds: number
  /** When the condition was last so; null: it was until the end. */
  readonly endSeconds: number | null
  readonly value: number | null
  readonly limit: number | null
  /** Who set the limit for this patient, and why; null: it is the one for all. */
  readonly prescribed: unknown
  readonly message: string
  readonly evidence: unknown
}

export interface AnalysisSummary {
  readonly streams: readonly StreamSummary[]
  readonly beats: { readonly count: number; readonly byClass: Readonly<Record<string, number>> }
  readonly rhythms: readonly RhythmSummary[]
  readonly episodes: readonly EpisodeSummary[]
  readonly vitals: readonly VitalSummary[]
  readonly scores: readonly Readonly<Record<string, unknown>>[]
  readonly alerts: readonly AlertSummary[]
  /** What each `limits-changed` event says, in its order, `t` in seconds. */
  readonly limitChanges: readonly Readonly<Record<string, unknown>>[]
}

interface OpenAlert {
  summary: Omit<AlertSummary, 'endSeconds'>
  clearingSince: number | null
}

/** Gathers what `analyze` tells of a recording from the events of its run. Times are seconds from the session's start. */
export class SummaryBuilder {
  readonly #birth: Birth
  readonly #samples: ReadonlyMap<string, number>
  readonly #origin: number
  readonly #lost = new Map<string, number>()
  readonly #byClass: Record<string, number> = {}
  readonly #values = new Map<string, { name: string; unit: string; stream: string; values: number[] }>()
  readonly #rhythms: RhythmSummary[] = []
  readonly #episodes: EpisodeSummary[] = []
  readonly #scores: Record<string, unknown>[] = []
  readonly #open = new Map<string, OpenAlert>()
  readonly #alerts: AlertSummary[] = []
  readonly #limitChanges: Record<string, unknown>[] = []
  #beats = 0

  /** `samples`: samples per channel by stream id; `origin`: patient time of the session's start, microseconds. */
  constructor(birth: Birth, samples: ReadonlyMap<string, number>, origin: number) {
    this.#birth = birth
    this.#samples = samples
    this.#origin = origin
  }

  add(event: LoggedEvent): void {
    if (event.log !== 'patient') return
    const { body, stream } = event
    switch (event.type) {
      case 'beat': {
        const beatClass = String(body.class)
        this.#beats += 1
        this.#byClass[beatClass] = (this.#byClass[beatClass] ?? 0) + 1
        break
      }
      case 'gap':
        this.#lost.set(stream, (this.#lost.get(stream) ?? 0) + (body.count as number))
        break
      case 'measurement':
        if (typeof body.value === 'number') this.#measured(stream, body as { name: string; unit: string; value: number })
        break
      case 'rhythm':
        this.#rhythm(event)
        break
      case 'episode':
        this.#episode(event)
        break
      case 'score':
        this.#scores.push({ t: this.#seconds(event.t), ...body })
        break
      case 'condition':
        this.#condition(event)
        break
      case 'limits-changed':
        this.#limitChanges.push({ t: this.#seconds(event.t), ...body })
        break
    }
  }

  summary(): AnalysisSummary {
    const alerts = [...this.#alerts, ...[...this.#open.values()].map(open => ({ ...open.summary, endSeconds: open.clearingSince }))]
    return {
      streams: this.#birth.streams.map(stream => ({
        id: stream.id,
        kind: stream.kind,
        channels: stream.channels,
        fs: [stream.fs.num, stream.fs.den],
        unit: stream.unit,
        samples: this.#samples.get(stream.id) ?? 0,
        lostSamples: this.#lost.get(stream.id) ?? 0,
      })),
      beats: { count: this.#beats, byClass: this.#byClass },
      vitals: [...this.#values.values()].map(({ name, unit, stream, values }) => {
        const sorted = Float64Array.from(values).sort()
        return { name, unit, stream, count: values.length, median: median(sorted), min: sorted[0]!, max: sorted[sorted.length - 1]! }
      }),
      rhythms: [...this.#rhythms],
      episodes: [...this.#episodes],
      scores: this.#scores,
      alerts: alerts.sort((a, b) => a.onsetSeconds - b.onsetSeconds || (a.condition < b.condition ? -1 : 1)),
      limitChanges: this.#limitChanges,
    }
  }

  #measured(stream: string, body: { name: string; unit: string; value: number }): void {
    const key = `${body.name} ${stream}`
    const entry = this.#values.get(key)
    if (entry === undefined) this.#values.set(key, { name: body.name, unit: body.unit, stream, values: [body.value] })
    else entry.values.push(body.value)
  }

  #rhythm({ t, stream, body }: LoggedEvent): void {
    const rhythm = String(body.rhythm)
    if (body.on === true) {
      const { beats = null, rate = null } = body as { beats?: number; rate?: number }
      const found = { rhythm, stream, onsetSeconds: this.#seconds(t), endSeconds: null, confidence: Number(body.confidence), beats, rate }
      this.#rhythms.push({ ...found, evidence: body.evidence })
      return
    }
    const open = this.#rhythms.findLastIndex(one => one.rhythm === rhythm && one.stream === stream && one.endSeconds === null)
    if (open >= 0) this.#rhythms[open] = { ...this.#rhythms[open]!, endSeconds: this.#seconds(t) }
  }

  /** The end of an episode tells its final measure. */
  #episode({ t, stream, body }: LoggedEvent): void {
    const episode = String(body.episode)
    const { value = null, unit = null } = body as { value?: number; unit?: string }
    if (body.on === true) {
      const found = { episode, stream, onsetSeconds: this.#seconds(t), endSeconds: null, confidence: Number(body.confidence) }
      this.#episodes.push({ ...found, value, unit, evidence: body.evidence })
      return
    }
    const at = this.#episodes.findLastIndex(one => one.episode === episode && one.stream === stream && one.endSeconds === null)
    const open = this.#episodes[at]
    if (open === undefined) return
    this.#episodes[at] = { ...open, endSeconds: this.#seconds(t), value: value ?? open.value, unit: unit ?? open.unit }
  }

  #condition(event: LoggedEvent): void {
    const { body } = event
    const key = `${String(body.condition)}|${event.stream}`
    const t = this.#seconds(event.t)
    const open = this.#open.get(key)
    if (body.to === 'active' && open === undefined) {
      this.#open.set(key, {
        summary: {
          condition: String(body.condition),
          stream: event.stream,
          priority: String(body.priority),
          kind: String(body.kind),
          onsetSeconds: t,
          value: (body.value as number | null) ?? null,
          limit: (body.limit as number | null) ?? null,
          prescribed: body.prescribed ?? null,
          message: String(body.message),
          evidence: body.evidence ?? null,
        },
        clearingSince: null,
      })
    } else if (open !== undefined && body.to === 'active') open.clearingSince = null
    else if (open !== undefined && body.to === 'clearing' && body.cause === 'phase') open.clearingSince = t
    else if (open !== undefined && (body.to === 'absent' || body.to === 'latched') && body.cause === 'phase') {
      this.#alerts.push({ ...open.summary, endSeconds: open.clearingSince ?? t })
      this.#open.delete(key)
    }
  }

  #seconds(t: number): number {
    return (t - this.#origin) / 1e6
  }
}

function median(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

import { hertz, type Rate } from '../../signal/rate.js'
import { missingSample, type Recording, type SignalInfo } from '../recording.js'

/** Part of a recording that is written, in seconds from its start. */
export interface ExportWindow {
  readonly from?: number
  readonly to?: number
}

/** A signal of a recording on the time axis of the file that is written: sample 0 is at the start of the window. */
export interface ExportTrack {
  readonly recording: Recording
  readonly info: SignalInfo
  readonly fs: Rate
  /** Missing samples before the first that is there. */
  readonly lead: number
  /** Sample of the signal that comes after them. */
  readonly first: number
  /** Samples with those missing before. */
  readonly length: number
}

/** Tracks begin at the sample nearest to the start of the window, which of signals on other grids is up to half a sample off. */
export function layTracks(recording: Recording, signals: readonly SignalInfo[], { from = 0, to }: ExportWindow): ExportTrack[] {
  return signals.map(info => {
    const rate = hertz(info.fs)
    const shift = Math.round((info.startMicros / 1e6 - from) * rate)
    const lead = Math.max(0, shift)
    const first = Math.max(0, -shift)
    const most = to === undefined ? Infinity : Math.max(0, Math.round((to - from) * rate))
    return { recording, info, fs: info.fs, lead, first, length: Math.max(0, Math.min(most, lead + info.length - first)) }
  })
}

/** Stored values `at` to `at + count` of a track; `missingSample` also before and behind it. */
export async function readTrackDigital(track: ExportTrack, at: number, count: number): Promise<Int32Array> {
  const out = new Int32Array(count).fill(missingSample)
  await fill(track, at, count, async (from, length, offset) => {
    const [samples] = await track.recording.readDigital([track.info.index], from, length)
    if (samples !== undefined) out.set(samples, offset)
  })
  return out
}

/** As `readTrackDigital`, in the unit of the signal; NaN is missing. */
export async function readTrackPhysical(track: ExportTrack, at: number, count: number): Promise<Float64Array> {
  const out = new Float64Array(count).fill(Number.NaN)
  await fill(track, at, count, async (from, length, offset) => {
    const [samples] = await track.recording.readPhysical([track.info.index], from, length)
    if (samples !== undefined) out.set(samples, offset)
  })
  return out
}

async function fill(
  { lead, first, length }: ExportTrack,
  at: number,
  count: number,
  read: (from: number, length: number, offset: number) => Promise<void>,
): Promise<void> {
  const low = Math.max(at, lead)
  const high = Math.min(at + count, length)
  if (low < high) await read(first + low - lead, high - low, low - at)
}

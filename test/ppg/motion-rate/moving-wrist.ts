import { seededNormal } from '../../laws/random.js'

export interface MovingWrist {
  readonly seconds: number
  /** Pulse rate at a time in seconds, /min. */
  readonly rateAt: (t: number) => number
  /** Steps a minute; the arm swings at half of that. */
  readonly cadence: number
  /** Height of the artefact; that of the pulse is 1. */
  readonly artefact: number
  /** It is at rest before this second. */
  readonly movesFrom?: number
  readonly channels?: number
  readonly fs?: number
  readonly seed?: number
}

/** Light and acceleration of a wrist that runs: each axis of the swing reaches the light over a path of its own. */
export function movingWrist(wrist: MovingWrist): { ppg: Float64Array[]; acceleration: Float64Array[] } {
  const { seconds, rateAt, cadence, artefact, movesFrom = 0, channels = 2, fs = 25, seed = 5 } = wrist
  const normal = seededNormal(seed)
  const length = Math.round(seconds * fs)
  const step = cadence / 60
  const swing = (t: number, axis: number) =>
    t < movesFrom
      ? 0
      : [0.3, 0.9, 0.4][axis]! * Math.sin(2 * Math.PI * step * t + axis) + [0.5, 0.1, 0.2][axis]! * Math.sin(Math.PI * step * t + 2 * axis)
  const acceleration = [0, 1, 2].map(axis =>
    Float64Array.from({ length }, (_, i) => (axis === 2 ? 1 : 0) + (artefact === 0 ? 0 : swing(i / fs, axis)) + 0.01 * normal()),
  )
  const ppg = Array.from({ length: channels }, (_, c) => {
    let phase = 0
    return Float64Array.from({ length }, (_, i) => {
      const t = i / fs
      phase += (2 * Math.PI * rateAt(t)) / 60 / fs
      const pulse = Math.sin(phase) + 0.35 * Math.sin(2 * phase + 1)
      const motion = swing(t - 0.08, 0) + (c === 0 ? 0.6 : -0.4) * swing(t - 0.04, 1) + 0.3 * swing(t - 0.12, 2)
      return 1000 + pulse + artefact * motion + 0.05 * normal()
    })
  })
  return { ppg, acceleration }
}

/** The second that begins at `second`, of each channel. */
export function secondOf(channels: readonly Float64Array[], second: number): Float64Array[] {
  return channels.map(channel => channel.slice(25 * second, 25 * second + 25))
}

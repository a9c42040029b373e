import { seededNormal } from '../laws/random.js'

export type Direction = readonly [number, number, number]
export interface Part {
  readonly seconds: number
  readonly gravity: Direction
  /** Steps a second and their swing, g. */
  readonly steps?: number
  readonly swing?: number
  /** A blow of this many g at the beginning of the part, a quarter of a second long. */
  readonly blow?: number
}

/** What a sensor at the belt shows, in g. */
export function wearer(fs: number, parts: readonly Part[], seed = 1): Float64Array[] {
  const normal = seededNormal(seed)
  const axes: number[][] = [[], [], []]
  for (const { seconds, gravity, steps = 0, swing = 0, blow = 0 } of parts) {
    for (let i = 0; i < seconds * fs; i += 1) {
      const t = i / fs
      const force = 1 + swing * Math.sin(2 * Math.PI * steps * t) + (t < 0.25 ? (blow - 1) * Math.sin((Math.PI * t) / 0.25) : 0)
      for (const [axis, values] of axes.entries()) values.push(gravity[axis]! * (blow > 0 || swing > 0 ? force : 1) + 0.004 * normal())
    }
  }
  return axes.map(values => Float64Array.from(values))
}

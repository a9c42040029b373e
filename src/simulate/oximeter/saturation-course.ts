import { Course, type CoursePoints } from '../course.js'
import { uniformAt } from '../random.js'

export const courseKinds = ['steady', 'ramp', 'desaturations'] as const
export type CourseKind = (typeof courseKinds)[number]

const coursePurpose = 101

/** Arterial saturation over time, %, drawn from the seed: a level, a slow ramp, or falls and recoveries; 68 to 100 %. */
export function drawSaturation(seed: number, kind: CourseKind, seconds: number): Course {
  const between = (counter: number, least: number, most: number) => least + (most - least) * uniformAt(seed, coursePurpose, counter)
  if (kind === 'steady') return new Course([[0, between(0, 70, 100)]], Number.POSITIVE_INFINITY)
  if (kind === 'ramp') {
    const from = between(0, 70, 100)
    const to = between(1, 70, 100)
    const begin = between(2, 0.1, 0.3) * seconds
    const points: CoursePoints = [
      [0, from],
      [begin, from],
      [Math.max(begin + Math.abs(to - from) / 0.4, 0.8 * seconds), to],
    ]
    return new Course(points, Number.POSITIVE_INFINITY)
  }
  const rest = between(0, 91, 99)
  const points: [number, number][] = [[0, rest]]
  let at = between(1, 20, 40)
  for (let fall = 0; at < seconds; fall += 1) {
    const counter = 10 + 8 * fall
    const least = Math.max(68, rest - between(counter, 4, 22))
    const down = at + (rest - least) / between(counter + 1, 0.3, 1)
    const held = down + between(counter + 2, 5, 20)
    const up = held + (rest - least) / between(counter + 3, 0.5, 2)
    points.push([at, rest], [down, least], [held, least], [up, rest])
    at = up + between(counter + 4, 20, 40)
  }
  return new Course(points, Number.POSITIVE_INFINITY)
}

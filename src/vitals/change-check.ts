import { catalogue, type VitalName } from '../signal/catalogue.js'
import type { StageState } from '../signal/stage.js'

interface Believed {
  readonly t: number
  readonly value: number
}

interface Course {
  believed: Believed
  /** What was flagged last: a value near it is believed, for then the change is real or the source is another. */
  doubted: Believed | null
}

/**
 * Whether numbers of one source change faster than the catalogue's `change` allows. The first value that does is flagged, and held against
 * what was believed before; when the next lies near it, both the change and that value are believed. Bounded by the number of
 * vital signs and sources.
 */
export class ChangeCheck {
  #courses: Record<string, Course> = {}

  /**
   * `source` tells apart what is not one course, such as a device's numbers and a person's entries; `t`: patient time, microseconds.
   * A value of an earlier time than the last says nothing and changes nothing.
   */
  isTooFast(name: VitalName, source: string, value: number, t: number): boolean {
    const { change } = catalogue[name]
    if (change === undefined) return false
    const now = { t, value }
    const key = `${name} ${source}`
    const course = this.#courses[key]
    if (course === undefined) {
      this.#courses[key] = { believed: now, doubted: null }
      return false
    }
    if (t < course.believed.t) return false
    const near = (before: Believed): boolean =>
      Math.abs(value - before.value) <= change.step + (change.perMinute * Math.max(0, t - before.t)) / 60e6
    const believed = near(course.believed) || (course.doubted !== null && near(course.doubted))
    this.#courses[key] = believed ? { believed: now, doubted: null } : { believed: course.believed, doubted: now }
    return !believed
  }

  save(): StageState {
    return copyCourses(this.#courses)
  }

  load(state: StageState): void {
    this.#courses = copyCourses(state as Record<string, Course>)
  }
}

function copyCourses(courses: Readonly<Record<string, Course>>): Record<string, Course> {
  return Object.fromEntries(
    Object.entries(courses).map(([key, { believed, doubted }]) => [
      key,
      { believed: { ...believed }, doubted: doubted === null ? null : { ...doubted } },
    ]),
  )
}

import { copyState, restoreState } from '../../dsp/state.js'
import type { VitalName } from '../../signal/catalogue.js'
import type { StageState } from '../../signal/stage.js'
import { medianOfSorted } from './robust-slope.js'

/** One value of a day; `day` counts days of patient time (UTC). */
export interface DailyValue {
  readonly day: number
  readonly value: number
}

const dayMicros = 86_400e6
/** The first reading of each of these counts: a stream of each second weighs no more than one of every five minutes. */
const slotsOfDay = 288
const daysKept = 90

interface Course {
  /** Of the day that goes on. */
  slots: number[]
  lastSlot: number
  /** Counters: newest count, and what was counted in the day. */
  counter: number | null
  /** Whose count that is. */
  counterOf: string
  counted: number | null
  days: DailyValue[]
}

/**
 * A number a day of each vital sign: the median of its readings, of a step counter what was counted (a count below the one before
 * is a new beginning, that of another counter goes on from where it stands). At most 90 days and 288 readings of the day that goes on are kept: memory is flat.
 */
export class DailyHistory {
  readonly #state = { day: null as number | null, courses: {} as Partial<Record<VitalName, Course>> }

  /** Day of a patient time in microseconds. */
  static dayOf(t: number): number {
    return Math.floor(t / dayMicros)
  }

  /** Start of a day, microseconds. */
  static startOf(day: number): number {
    return day * dayMicros
  }

  /** A reading at patient time `t`. One of a later day closes the days before; one of a day that is closed does not count. `source`: which counter. */
  take(name: VitalName, value: number, t: number, source = ''): void {
    const day = DailyHistory.dayOf(t)
    if (this.#state.day !== null && day < this.#state.day) return
    this.closeBefore(day)
    const course = this.#state.courses[name] ?? { slots: [], lastSlot: -1, counter: null, counterOf: source, counted: null, days: [] }
    this.#state.courses[name] = course
    if (name === 'steps') {
      if (course.counter !== null && course.counterOf === source)
        course.counted = (course.counted ?? 0) + (value >= course.counter ? value - course.counter : value)
      course.counter = value
      course.counterOf = source
      return
    }
    const slot = Math.floor(((t - DailyHistory.startOf(day)) * slotsOfDay) / dayMicros)
    if (slot <= course.lastSlot) return
    course.lastSlot = slot
    course.slots.push(value)
  }

  /** Closes all days before `day`. */
  closeBefore(day: number): void {
    const { day: open, courses } = this.#state
    if (open !== null && day > open) {
      for (const course of Object.values(courses)) closeCourse(course, open)
    }
    if (open === null || day > open) this.#state.day = day
  }

  /** Values of the closed days [from, to), oldest first; days without a reading are missing. */
  values(name: VitalName, from: number, to: number): DailyValue[] {
    return (this.#state.courses[name]?.days ?? []).filter(({ day }) => day >= from && day < to)
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }
}

function closeCourse(course: Course, day: number): void {
  const value = course.counted ?? (course.slots.length === 0 ? null : medianOfSorted([...course.slots].sort((a, b) => a - b)))
  if (value !== null) course.days.push({ day, value })
  while (course.days.length > 0 && course.days[0]!.day <= day - daysKept) course.days.shift()
  course.slots = []
  course.lastSlot = -1
  course.counted = null
}

import { describe, expect, test } from 'vitest'
import { type DesaturationChange, DesaturationWatch } from '../../src/oximetry/desaturation-watch.js'

/** What a course of [seconds, value] stretches changes, each with the second that it was told in. */
function watch(stretches: readonly (readonly [seconds: number, value: number | null])[], subject = new DesaturationWatch()) {
  const told: (DesaturationChange & { second: number })[] = []
  let second = 0
  for (const [seconds, value] of stretches) {
    for (let k = 0; k < seconds; k++, second++) {
      const change = subject.step(value)
      if (change !== null) told.push({ ...change, second })
    }
  }
  return { told, subject }
}

const rest = [120, 96] as const

describe('a desaturation', () => {
  test('is told after 10 s at 3 points below the baseline, with where it began', () => {
    const { told } = watch([rest, [20, 93], [5, 96]])
    expect(told).toEqual([
      { on: true, secondsBack: 9, baseline: 96, least: 93, second: 129 },
      { on: false, secondsBack: 0, baseline: 96, least: 93, second: 140 },
    ])
  })

  test('is none after 9 s, and none at 2.9 points however long', () => {
    expect(watch([rest, [9, 93], [30, 96]]).told).toEqual([])
    expect(watch([rest, [300, 93.1]]).told).toEqual([])
  })

  test('ends when a third of its depth has been won back', () => {
    const { told } = watch([rest, [10, 93], [10, 84], [20, 87.9], [3, 88]])
    expect(told.map(({ on, second, least }) => [on, second, least])).toEqual([
      [true, 129, 93],
      [false, 160, 84],
    ])
  })

  test('is held against the mean of the highest fifth of the two minutes before', () => {
    // 24 of 120 seconds at 98 make the baseline; most of them lie at 94.
    const { told } = watch([
      [24, 98],
      [96, 94],
      [12, 94.9],
      [12, 95.1],
      [10, 94.4],
    ])
    expect(told[0]).toMatchObject({ on: true, baseline: 98 })
    expect(
      watch([
        [12, 98],
        [108, 96],
        [12, 94.1],
      ]).told,
    ).toEqual([])
  })

  test('does not begin before there are numbers of a minute', () => {
    expect(
      watch([
        [40, 96],
        [5, null],
        [12, 90],
      ]).told,
    ).toEqual([])
    expect(
      watch([
        [60, 96],
        [5, null],
        [12, 90],
      ]).told,
    ).toHaveLength(1)
  })

  test('is made of seconds that follow each other: 3 without a number between them do not count, 4 begin it anew', () => {
    const across = (gap: number, after: number) => watch([rest, [5, 92], [gap, null], [after, 92]]).told
    expect(across(3, 4)).toEqual([])
    expect(across(3, 5)).toMatchObject([{ on: true, secondsBack: 12 }])
    expect(across(4, 9)).toEqual([])
    expect(across(4, 10)).toMatchObject([{ on: true, secondsBack: 9 }])
    expect(across(30, 5)).toEqual([])
  })

  test('that was told goes on through 30 s without a number, and is lost sight of after that', () => {
    expect(watch([rest, [12, 92], [30, null], [5, 92]]).told).toMatchObject([{ on: true }])
    const { told } = watch([rest, [12, 92], [40, null]])
    expect(told).toMatchObject([{ on: true }, { on: false, secondsBack: 31, second: 162 }])
  })

  test('that lasts is a new level after two minutes: falls are held against it, and rising from it is none', () => {
    const { told } = watch([rest, [3600, 91], [20, 87], [100, 91], [300, 97], [20, 93], [60, 97]])
    expect(told.map(({ on, baseline, least, second }) => [on, baseline, least, second])).toEqual([
      [true, 97 - 1, 91, 129],
      [false, 96, 91, 240],
      [true, 91, 87, 3729],
      [false, 91, 87, 3740],
      [true, 97, 93, 4149],
      [false, 97, 93, 4160],
    ])
  })
})

describe('the index', () => {
  const hourOf = (depth: number) => {
    const { subject } = watch([rest])
    for (let k = 0; k < 30; k++)
      watch(
        [
          [20, 96 - depth],
          [100, 96],
        ],
        subject,
      )
    return subject
  }

  test('is the count of an hour with numbers, apart by depth', () => {
    const deep = hourOf(5)
    expect(deep.index(0)).toBeCloseTo((3600 * 30) / 3720, 9)
    expect(deep.index(1)).toBeCloseTo((3600 * 30) / 3720, 9)
    const shallow = hourOf(3.5)
    expect(shallow.index(0)).toBeCloseTo((3600 * 30) / 3720, 9)
    expect(shallow.index(1)).toBe(0)
  })

  test('counts no new level, and what falls from it', () => {
    const { subject } = watch([rest, [3480, 91]])
    expect([subject.index(0), subject.index(1)]).toEqual([0, 0])
    watch(
      [
        [20, 87],
        [20, 91],
      ],
      subject,
    )
    expect(subject.index(1)).toBeCloseTo(3600 / 3640, 9)
  })

  test('counts no fall that was lost from sight before it came back', () => {
    const { subject, told } = watch([rest, [1800, 96]])
    for (let k = 0; k < 20; k++)
      told.push(
        ...watch(
          [
            [12, 91],
            [31, null],
            [90, 96],
          ],
          subject,
        ).told,
      )
    expect(told.filter(({ on }) => on)).toHaveLength(20)
    expect([subject.index(0), subject.index(1)]).toEqual([0, 0])
    // Half a minute without a number does not lose it: it is seen to come back.
    watch(
      [
        [12, 91],
        [30, null],
        [90, 96],
      ],
      subject,
    )
    expect(subject.index(0)).toBeCloseTo(3600 / subject.seconds, 9)
  })

  test('waits for numbers of half an hour, and time without a number does not dilute it', () => {
    const { subject } = watch([
      [1799, 96],
      [5000, null],
    ])
    expect(subject.index(0)).toBeNull()
    subject.step(96)
    expect(subject.index(0)).toBe(0)
    const deep = hourOf(5)
    const before = deep.index(0)
    watch([[3600, null]], deep)
    expect(deep.index(0)).toBe(before)
  })
})

test('a saved watch goes on as the one that was not stopped', () => {
  const course = [rest, [7, 91], [3, null], [9, 90], [60, 96]] as const
  const whole = watch(course)
  for (let split = 1; split < course.length; split++) {
    const first = watch(course.slice(0, split))
    const copy = new DesaturationWatch()
    copy.load(structuredClone(first.subject.save()))
    const told = [...first.told, ...watch(course.slice(split), copy).told].map(({ second: _, ...change }) => change)
    expect(told).toEqual(whole.told.map(({ second: _, ...change }) => change))
  }
})

import { describe, expect, it } from 'vitest'
import { type MergeHandler, MergeReader } from '../../src/monitor/merge-reader.js'

class Recorder implements MergeHandler<string> {
  readonly said: string[] = []
  deadlines: number[] = []

  item(item: string, t: number, _input: string, behind: boolean): void {
    this.said.push(`${t} ${item}${behind ? ' behind' : ''}`)
  }

  advance(t: number): void {
    this.said.push(`${t} deadline`)
    this.deadlines = this.deadlines.filter(deadline => deadline > t)
  }

  nextDeadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.deadlines)
  }
}

function open(...keys: string[]): { reader: MergeReader<string>; handler: Recorder } {
  const handler = new Recorder()
  const reader = new MergeReader<string>(handler)
  for (const [order, key] of keys.entries()) reader.open(key, order, 0)
  return { reader, handler }
}

describe('merge reader', () => {
  it('handles an item once every open input has delivered past it', () => {
    const { reader, handler } = open('a', 'b')
    reader.put('a', 5, 'a5')
    reader.progress('a', 10)
    expect(handler.said).toEqual([])
    reader.put('b', 3, 'b3')
    reader.progress('b', 5)
    expect(handler.said).toEqual(['3 b3'])
    reader.progress('b', 6)
    expect(handler.said).toEqual(['3 b3', '5 a5'])
  })

  it('goes on with an input that is opened again before what it had said was handled', () => {
    const { reader, handler } = open('a', 'b')
    reader.put('a', 5, 'a5')
    reader.progress('a', 10)
    reader.close('a')
    reader.open('a', 0, 12)
    reader.put('a', 13, 'a13')
    reader.progress('a', 20)
    reader.progress('b', 15)
    expect(handler.said).toEqual(['5 a5', '13 a13'])
    reader.progress('a', 30)
    reader.progress('b', 30)
  })

  it('takes items of the same time in the order of the plan, whichever arrived first', () => {
    const { reader, handler } = open('a', 'b')
    reader.put('b', 5, 'b5')
    reader.progress('b', 9)
    reader.put('a', 5, 'a5')
    reader.progress('a', 9)
    expect(handler.said).toEqual(['5 a5', '5 b5'])
  })

  it('comes to the same order however arrivals are cut and interleaved', () => {
    const items = [
      ['a', 1],
      ['a', 4],
      ['b', 2],
      ['b', 4],
      ['c', 3],
      ['c', 9],
      ['a', 9],
    ] as const
    const expected = ['1 a1', '2 b2', '3 c3', '4 a4', '4 b4', '9 a9', '9 c9']
    for (let seed = 1; seed <= 200; seed++) {
      let state = seed
      const next = (below: number) => {
        state = (state * 1103515245 + 12345) % 2147483648
        return Math.floor((state / 2147483648) * below)
      }
      const { reader, handler } = open('a', 'b', 'c')
      const left = { a: items.filter(i => i[0] === 'a'), b: items.filter(i => i[0] === 'b'), c: items.filter(i => i[0] === 'c') }
      while (left.a.length + left.b.length + left.c.length > 0) {
        const key = (['a', 'b', 'c'] as const)[next(3)]!
        const taken = left[key].splice(0, 1 + next(2))
        for (const [, t] of taken) reader.put(key, t, `${key}${t}`)
        const last = taken.at(-1)
        if (last !== undefined) reader.progress(key, last[1])
      }
      for (const key of ['a', 'b', 'c']) {
        reader.progress(key, 10)
        reader.close(key)
      }
      expect(handler.said, `seed ${seed}`).toEqual(expected)
    }
  })

  it('meets a deadline at its own time, after the items of that time and before later ones', () => {
    const { reader, handler } = open('a')
    handler.deadlines = [5]
    reader.put('a', 5, 'a5')
    reader.put('a', 5.5, 'a5.5')
    reader.progress('a', 6)
    expect(handler.said).toEqual(['5 a5', '5 deadline', '5.5 a5.5'])
  })

  it('does not meet a deadline that an open input may still contradict', () => {
    const { reader, handler } = open('a')
    handler.deadlines = [5]
    reader.progress('a', 5)
    expect(handler.said).toEqual([])
  })

  it('goes on without a silent input, and hands over what it says later as behind', () => {
    const { reader, handler } = open('a', 'b')
    reader.put('a', 5, 'a5')
    reader.progress('a', 8)
    reader.silence('b')
    expect(handler.said).toEqual(['5 a5'])
    reader.put('b', 4, 'b4')
    reader.progress('b', 9)
    expect(handler.said).toEqual(['5 a5', '4 b4 behind'])
  })

  it('handles everything that was said when the last input closes', () => {
    const { reader, handler } = open('a', 'b')
    reader.put('a', 8, 'a8')
    reader.progress('a', 8)
    reader.close('a')
    expect(handler.said).toEqual([])
    reader.close('b')
    expect(handler.said).toEqual(['8 a8'])
  })

  it('goes on identically from a saved state', () => {
    const run = (restart: boolean) => {
      let { reader, handler } = open('a', 'b')
      const before = handler.said
      reader.put('a', 5, 'a5')
      reader.put('a', 7, 'a7')
      reader.progress('a', 9)
      reader.put('b', 2, 'b2')
      reader.progress('b', 6)
      if (restart) {
        const state = structuredClone(reader.save())
        handler = new Recorder()
        handler.said.push(...before)
        reader = new MergeReader<string>(handler)
        reader.load(state)
      }
      reader.progress('b', 8)
      reader.close('a')
      reader.close('b')
      return handler.said
    }
    expect(run(true)).toEqual(run(false))
    expect(run(false)).toEqual(['2 b2', '5 a5', '7 a7'])
  })
})

import { describe, expect, it } from 'vitest'
import { parseChannels, parseNumber, parseWhole, parseWindow } from '../../src/cli/options.js'

describe('numbers on the command line', () => {
  it.each(['', ' ', 'x', 'NaN', 'Infinity', '0x10', '1,5', '1e999', '-1', '61'])('%j is refused with what is accepted', text => {
    expect(() => parseNumber(text, '--from (seconds)', 0, 60)).toThrow(
      /^--from \(seconds\): .* is not accepted; accepted: a number, 0 to 60$/,
    )
  })

  it.each([
    ['0', 0],
    ['.5', 0.5],
    ['1e1', 10],
    ['60', 60],
  ])('%j is %d', (text, value) => {
    expect(parseNumber(text, '--from (seconds)', 0, 60)).toBe(value)
  })

  it('says that a number is to be whole', () => {
    expect(() => parseWhole('1.5', '--seed', 0, 9)).toThrow('accepted: a whole number, 0 to 9')
    expect(() => parseWhole('12', '--seed', 0, 9)).toThrow('accepted: a whole number, 0 to 9')
    expect(parseWhole('7', '--seed', 0, 9)).toBe(7)
  })
})

describe('--channels', () => {
  it('takes names and indexes', () => {
    expect(parseChannels('II, 0,MLII')).toEqual(['II', 0, 'MLII'])
  })

  it.each(['', 'II,,V', ','])('refuses %j', text => {
    expect(() => parseChannels(text)).toThrow(/accepted: names or indexes/)
  })
})

it('a window has only what was given', () => {
  expect(parseWindow({})).toEqual({})
  expect(parseWindow({ from: '3', to: '5', channels: '1' })).toEqual({ from: 3, to: 5, channels: [1] })
})

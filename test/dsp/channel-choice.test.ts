import { expect, test } from 'vitest'
import { chooseChannel, newChannelChoice } from '../../src/dsp/channel-choice.js'
import { bridged, newGapBridge, restart, samplesToBridge } from '../../src/dsp/gap-bridge.js'

test('equal channels do not take turns', () => {
  const choice = newChannelChoice()
  for (let second = 0; second < 50; second += 1) chooseChannel(choice, second % 2 ? [0.8, 0.9] : [0.9, 0.8])
  expect(choice.chosen).toBe(0)
})

test('a clearly better channel wins after three seconds running', () => {
  const choice = newChannelChoice()
  const changes = [
    [0.6, 0.9],
    [0.6, 0.9],
    [0.6, 0.7],
    [0.6, 0.9],
    [0.6, 0.9],
    [0.6, 0.9],
  ].map(worth => chooseChannel(choice, worth))
  expect(changes).toEqual([false, false, false, false, false, true])
  expect(choice.chosen).toBe(1)
})

test('a usable channel replaces one that is not, however small the difference', () => {
  const choice = newChannelChoice()
  for (let second = 0; second < 3; second += 1) chooseChannel(choice, [0.45, 0.52])
  expect(choice.chosen).toBe(1)
})

test('a short gap is a straight line, a long one a new start', () => {
  const gap = { ...newGapBridge(), missing: 3, last: 10, started: true }
  expect(samplesToBridge(gap, 3)).toBe(3)
  expect([1, 2, 3].map(step => bridged(gap, 18, step))).toEqual([12, 14, 16])
  expect(samplesToBridge(gap, 2)).toBe(restart)
  expect(samplesToBridge(newGapBridge(), 5)).toBe(restart)
})

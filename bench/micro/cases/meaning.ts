import { absentAlert, stepAlert } from '../../../src/alert/alert-machine.js'
import { physiologicalRules } from '../../../src/alert/rules/physiological.js'
import { MergeReader } from '../../../src/monitor/merge-reader.js'
import { type News2Inputs, scoreNews2 } from '../../../src/score/news2.js'
import { canonicalJson } from '../../../src/signal/canonical-json.js'
import { unknownPatient } from '../../../src/signal/patient.js'
import { type BenchCase, type CaseMaker, yardstick } from '../bench-case.js'

function news2(): BenchCase {
  const input = (value: number | string | boolean) => ({ value, stale: false, ageSeconds: 5 })
  const inputs: News2Inputs = {
    'respiratory-rate': input(22),
    spo2: input(93),
    'supplemental-oxygen': input(true),
    'nibp-systolic': input(105),
    'heart-rate': input(112),
    consciousness: input('A'),
    temperature: input(38.4),
  }
  // By the chart: 2 + 2 + 2 + 1 + 2 + 0 + 1.
  const expected = 10
  return {
    work: { count: 1, of: 'score' },
    expected,
    candidate: { name: 'scoreNews2, seven items', run: () => scoreNews2(inputs, unknownPatient).total ?? -1 },
    baseline: yardstick(expected),
  }
}

/** A condition that comes and goes: 20 s true, 20 s false, twenty-five times, one finding a second. */
function alertSteps(): BenchCase {
  const rule = physiologicalRules.find(candidate => candidate.id === 'spo2-low')!
  const seconds = 1000
  // Absent, pending, active after 10 s, clearing, absent after 10 s: four changes of phase a turn.
  const expected = (seconds / 40) * 4
  return {
    work: { count: seconds, of: 'step' },
    expected,
    candidate: {
      name: 'stepAlert',
      run() {
        let state = absentAlert
        let phases = 0
        for (let second = 0; second < seconds; second++) {
          const step = stepAlert(rule, state, second % 40 < 20 ? 'true' : 'false', second * 1e6)
          state = step.state
          for (const change of step.changes) if (change.from !== change.to) phases++
        }
        return phases
      },
    },
    baseline: yardstick(expected),
  }
}

function eventLine(): BenchCase {
  const event = {
    t: 1_234_567_890,
    type: 'measurement',
    stream: 'ecg',
    name: 'heart-rate',
    value: 72.36,
    unit: '/min',
    quality: 0.97,
    status: 'valid',
    from: { stream: 'ecg', index: 305_000 },
    to: { stream: 'ecg', index: 308_750 },
  }
  const expected = JSON.stringify(event).length
  return {
    work: { count: 1, of: 'event line' },
    expected,
    candidate: { name: 'canonicalJson (RFC 8785)', run: () => canonicalJson(event).length },
    baseline: { name: 'JSON.stringify, keys as they come', run: () => JSON.stringify(event).length },
  }
}

/** Three inputs that deliver a second each in turn, with one item each 250 ms and a deadline each second. */
function mergeReader(): BenchCase {
  const seconds = 60
  const inputs = ['ecg', 'n', 'ppg']
  const perSecond = 4
  const expected = inputs.length * perSecond * seconds + seconds
  return {
    work: { count: inputs.length * perSecond * seconds, of: 'item' },
    expected,
    candidate: {
      name: 'MergeReader, three inputs',
      run() {
        let handled = 0
        let last = Number.NEGATIVE_INFINITY
        let deadline = 1e6
        const inOrder = (t: number) => {
          if (t < last) throw new Error(`item at ${t} after ${last}`)
          last = t
          handled++
        }
        const reader = new MergeReader<number>({
          item: (_, t) => inOrder(t),
          advance(t) {
            inOrder(t)
            deadline = t + 1e6
          },
          nextDeadline: () => deadline,
        })
        for (const [order, key] of inputs.entries()) reader.open(key, order, 0)
        for (let second = 0; second < seconds; second++) {
          for (const key of inputs) {
            for (let k = 0; k < perSecond; k++) reader.put(key, second * 1e6 + (k * 1e6) / perSecond, k)
            reader.progress(key, (second + 1) * 1e6)
          }
        }
        for (const key of inputs) reader.close(key)
        return handled
      },
    },
    baseline: yardstick(expected),
  }
}

export const meaningCases: Readonly<Record<string, CaseMaker>> = {
  news2,
  'alert-step': alertSteps,
  'event-line': eventLine,
  'merge-reader': mergeReader,
}

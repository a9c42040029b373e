import { describe, expect, it } from 'vitest'
import type { NumericSample } from '../../src/signal/numeric.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { encodePack } from '../../src/wire/pack.js'
import { encodeSenml, type RawRecord } from '../../src/wire/senml.js'
import { Bench, birthOf } from '../wire/sample-device.js'

const frame: RawRecord[] = [
  { n: 'pack', vs: '7:0' },
  { n: 'device-clock', u: 's', v: 100 },
]

/** What becomes of one pack of records on a fresh device. */
function sent(
  records: RawRecord[],
  bench = new Bench(),
): { samples: readonly NumericSample[]; refused: readonly { name: string; reason: string }[] } {
  bench.say('n', encodeSenml([...frame, ...records]))
  const pack = bench.ofType('numerics').at(-1)
  if (pack === undefined) throw new Error(`refused: ${bench.reasons().join()}`)
  return { samples: pack.samples, refused: pack.refused }
}

function only(record: RawRecord): NumericSample | string {
  const { samples, refused } = sent([record])
  return samples[0] ?? refused[0]!.reason
}

describe('N1: names and units', () => {
  it.each([
    ['heart-rate', 60, '/min', 60],
    ['heart-rate', 60, 'beat/min', 60],
    ['respiratory-rate', 12, '1/min', 12],
    ['heart-rate', 1, 'Hz', 60],
    ['spo2', 97, '%', 97],
    ['spo2', 0.97, '/', 97],
    ['temperature', 98.6, '[degF]', 37],
    ['temperature', 310.15, 'K', 37],
    ['steps', 12, 'count', 12],
    ['glucose', 90, 'mg/dL', 90],
    ['glucose', 5, 'mmol/L', 90.078],
    ['nibp-systolic', 16, 'kPa', 120.0102],
    ['battery', 80, '%EL', 80],
  ] as const)('N1 takes %s %d %s as %d', (n, v, u, expected) => {
    const sample = only({ n, v, u })
    expect(sample).toMatchObject({ name: n, t: 100_000_000, status: 'valid' })
    expect((sample as NumericSample).value).toBeCloseTo(expected, 3)
  })

  it('N1 refuses unknown units and names, and leaves the other records as they are', () => {
    const { samples, refused } = sent([
      { n: 'heart-rate', u: 'furlong', v: 60 },
      { n: 'heart-rate', v: 60 },
      { n: 'mood', u: '%', v: 60 },
      { n: 'spo2', u: '%', v: 97 },
      { n: 'spo2', u: '%', vs: 'good' },
      { n: 'constructor', u: '%', v: 1 },
    ])
    expect(samples.map(sample => sample.value)).toEqual([97])
    expect(refused.map(({ reason }) => reason)).toEqual(['unknown-unit', 'unknown-unit', 'unknown-name', 'wrong-value', 'unknown-name'])
  })

  it('N1 reads words and truth values', () => {
    const { samples } = sent([
      { n: 'supplemental-oxygen', vb: true },
      { n: 'author', vs: 'nurse-12' },
      { n: 'consciousness', vs: 'V' },
    ])
    expect(samples).toMatchObject([
      { name: 'supplemental-oxygen', value: true },
      { name: 'consciousness', value: 'V', author: 'nurse-12' },
    ])
    expect(only({ n: 'consciousness', vs: 'drowsy' })).toBe('wrong-value')
    expect(only({ n: 'supplemental-oxygen', v: 1 })).toBe('wrong-value')
  })
})

describe('N2: possible and plausible', () => {
  it.each([
    [350, 'questionable'],
    [301, 'questionable'],
    [300, 'valid'],
    [20, 'valid'],
    [19.9, 'questionable'],
  ])('N2 flags an implausible heart rate: %d is %s', (v, status) => {
    expect(only({ n: 'heart-rate', u: '/min', v })).toMatchObject({ status })
  })

  it.each([
    ['heart-rate', '/min', 350.1],
    ['heart-rate', '/min', -1],
    ['spo2', '%', 100.5],
    ['temperature', 'Cel', 98.6],
  ])('N2 refuses the impossible: %s %s %d', (n, u, v) => {
    expect(only({ n, u, v })).toBe('impossible')
  })
})

describe('N3: cross-checks', () => {
  const pressure = (systolic: number, mean: number, diastolic: number): RawRecord[] => [
    { n: 'nibp-systolic', u: 'mm[Hg]', v: systolic },
    { n: 'nibp-mean', u: 'mm[Hg]', v: mean },
    { n: 'nibp-diastolic', u: 'mm[Hg]', v: diastolic },
  ]

  it('N3 wants systolic >= mean >= diastolic and flags equality', () => {
    expect(sent(pressure(120, 90, 80)).samples.map(sample => sample.status)).toEqual(['valid', 'valid', 'valid'])
    expect(sent(pressure(120, 90, 90)).samples.map(sample => sample.status)).toEqual(['questionable', 'questionable', 'questionable'])
    expect(sent(pressure(80, 90, 120))).toMatchObject({
      samples: [],
      refused: [{ reason: 'pressure-order' }, { reason: 'pressure-order' }, { reason: 'pressure-order' }],
    })
  })

  it('N3 compares pressures of one moment only', () => {
    const [systolic, , diastolic] = pressure(100, 0, 120)
    const { samples } = sent([{ ...systolic!, t: -30 }, diastolic!])
    expect(samples).toHaveLength(2)
  })

  it('N3 refuses the future of a live source', () => {
    expect(only({ n: 'spo2', u: '%', v: 97, t: 5 })).toBe('time-future')
    const bench = new Bench(birthOf({ clock: 'utc', epoch: 1_700_000_000_000_000 }))
    bench.at = 1_700_000_100_000_000
    bench.say(
      'n',
      encodeSenml([
        { n: 'pack', vs: '7:0' },
        { n: 'spo2', u: '%', v: 97, t: 1_700_000_099 },
        { n: 'spo2', u: '%', v: 98, t: 1_700_000_200 },
      ]),
    )
    expect(bench.ofType('numerics')).toMatchObject([
      { t: 99_000_000, samples: [{ value: 97, t: 99_000_000 }], refused: [{ reason: 'time-future' }] },
    ])
  })

  it('N3 lets a counter never go down within a boot, and begin again at the next', () => {
    const bench = new Bench()
    const steps = (boot: number, seq: number, v: number) =>
      bench.say('n', encodeSenml([{ n: 'pack', vs: `${boot}:${seq}` }, frame[1]!, { n: 'steps', u: '{count}', v }]))
    steps(7, 0, 100)
    steps(7, 1, 90)
    steps(7, 2, 100)
    bench.say('birth', encodeBirth(birthOf({ boot: 8 })))
    steps(8, 0, 3)
    expect(bench.ofType('numerics').map(pack => [pack.samples.length, ...pack.refused.map(({ reason }) => reason)])).toEqual([
      [1],
      [0, 'counter-backwards'],
      [1],
      [1],
    ])
    expect(bench.receiver.ledger().records).toEqual({ 'counter-backwards': 1 })
  })
})

describe('N4: authors', () => {
  it('N4 marks a level of consciousness that nobody signs', () => {
    const bench = new Bench()
    bench.say(
      'n',
      encodePack({ boot: 7, seq: 0, clock: 1_000_000, samples: [{ name: 'consciousness', value: 'A', t: 1_000_000, status: 'valid' }] }),
    )
    expect(bench.ofType('numerics')[0]?.samples).toMatchObject([{ name: 'consciousness', value: 'A', status: 'questionable' }])
  })

  it('N4 carries the author of every record behind it', () => {
    const samples: NumericSample[] = [
      { name: 'temperature', value: 37, t: 1_000_000, status: 'valid', author: 'nurse-1' },
      { name: 'heart-rate', value: 70, t: 1_000_000, status: 'valid' },
      { name: 'consciousness', value: 'A', t: 1_000_000, status: 'valid', author: 'nurse-2' },
    ]
    const bench = new Bench()
    bench.say('n', encodePack({ boot: 7, seq: 0, clock: 1_000_000, samples }))
    expect(bench.ofType('numerics')[0]?.samples).toEqual([samples[1], samples[0], samples[2]])
  })
})

describe('N5: order of times', () => {
  it('N5 refuses values before those of the pack before', () => {
    const bench = new Bench()
    const at = (seq: number, t: number) => bench.pack({ seq, clock: t, samples: [{ name: 'spo2', value: 97, t, status: 'valid' }] })
    at(0, 5_000_000)
    at(1, 5_000_000)
    at(2, 4_999_999)
    expect(bench.ofType('numerics').map(pack => pack.refused.map(({ reason }) => reason))).toEqual([[], [], ['time-order']])
  })

  it('N5 puts the values inside a pack in the order of their times', () => {
    const { samples } = sent([
      { n: 'spo2', u: '%', v: 97 },
      { n: 'spo2', u: '%', v: 96, t: -2 },
    ])
    expect(samples.map(sample => sample.value)).toEqual([96, 97])
  })

  it('N5 takes a pack that fills a hole as late', () => {
    const bench = new Bench()
    for (const seq of [0, 2, 1])
      bench.pack({ seq, clock: (seq + 1) * 1e6, samples: [{ name: 'spo2', value: 90 + seq, t: (seq + 1) * 1e6, status: 'valid' }] })
    expect(bench.ofType('numerics').map(pack => [pack.samples[0]?.value, pack.late])).toEqual([
      [90, false],
      [92, false],
      [91, true],
    ])
  })
})

describe('packs', () => {
  it('drops a pack that comes twice', () => {
    const bench = new Bench()
    bench.pack()
    bench.pack()
    expect(bench.ofType('numerics')).toHaveLength(1)
    expect(bench.receiver.ledger().byTopic.n).toMatchObject({ accepted: 1, duplicate: 1 })
  })

  it('close the numerics with the pack marked last', () => {
    const bench = new Bench()
    bench.pack({ last: true })
    expect(bench.ofType('close')).toEqual([{ type: 'close', boot: 7, stream: 'n', reason: 'last' }])
    bench.chunk(0, { flags: 8 })
    expect(bench.receiver.closed).toBe(true)
  })

  it.each<[string, Uint8Array]>([
    ['pack-syntax', new TextEncoder().encode('[{')],
    ['pack-senml', new TextEncoder().encode('{}')],
    ['pack-senml', encodeSenml([{ n: 'pack', v: 1, vs: '7:0' }])],
    ['pack-identity', encodeSenml([{ n: 'heart-rate', u: '/min', v: 60 }])],
    ['pack-identity', encodeSenml([{ n: 'pack', vs: '7:99999999999' }])],
    ['pack-identity', encodeSenml([{ n: 'pack', vs: '4294967296:0' }])],
    ['pack-clock', encodeSenml([frame[0]!, { n: 'spo2', u: '%', v: 97 }])],
    ['pack-clock', encodeSenml([frame[0]!, { n: 'device-clock', u: 'ms', v: 1 }])],
    ['pack-clock', encodeSenml([...frame, { n: 'spo2', u: '%', v: 97, t: -101 }])],
    ['pack-clock', encodeSenml([...frame, { n: 'spo2', u: '%', v: 97, t: 1.7e9 }])],
    ['unknown-boot', encodeSenml([{ n: 'pack', vs: '6:0' }])],
  ])('are refused whole with the reason %s', (reason, bytes) => {
    const bench = new Bench()
    bench.say('n', bytes)
    expect(bench.reasons()).toEqual([reason])
  })

  it('are refused when the birth declares no numerics', () => {
    const { numerics: _, ...without } = birthOf()
    const bench = new Bench(without)
    bench.pack()
    expect(bench.reasons()).toEqual(['pack-undeclared'])
  })
})

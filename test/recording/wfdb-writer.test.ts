import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.js'
import { missingSample } from '../../src/recording/recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { type NewAnnotation, writeAnnotations } from '../../src/recording/wfdb-annotation-writer.js'
import { type NewRecord, writeWfdbRecord } from '../../src/recording/wfdb-writer.js'

/** A Python that has the `wfdb` package: `VITALWIRE_PYTHON`, else `python3`. */
const python = process.env.VITALWIRE_PYTHON ?? 'python3'
const hasWfdb = (() => {
  try {
    execFileSync(python, ['-c', 'import wfdb'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitalwire-writer-'))
})
afterAll(() => rm(folder, { recursive: true }))

function makeRecord(format: 16 | 212, length: number): NewRecord {
  const top = format === 16 ? 32767 : 2047
  const wave = (factor: number) =>
    Int32Array.from({ length }, (_, i) => (i % 97 === 5 ? missingSample : ((i * factor) % (2 * top + 1)) - top))
  return {
    fs: { num: 24989, den: 100 },
    startTime: new Date('2026-03-04T05:06:07.089Z'),
    format,
    signals: [
      { name: 'II', unit: 'mV', gain: 200, baseline: -17, samples: wave(31) },
      { name: 'Pleth, left', unit: 'NU', gain: 30061.27, baseline: 0, samples: wave(977) },
      { name: 'ABP', unit: 'mmHg', gain: -1.25, baseline: 100, samples: wave(12_345) },
    ],
    comments: ['made by a test'],
  }
}

const annotations: NewAnnotation[] = [
  { sample: 3, symbol: '+', aux: '(N' },
  { sample: 10, symbol: 'N' },
  { sample: 1033, symbol: 'V', subtype: -3, channel: 1, num: 2 },
  { sample: 1033, symbol: 'A', channel: 1, num: 2 },
  { sample: 900_000, symbol: '~', channel: 0, num: 0, aux: 'odd' },
  { sample: 3_000_000_000, symbol: 'f', num: -1 },
]

describe('WFDB writer', () => {
  for (const format of [16, 212] as const) {
    it(`format ${format}: what is written is read back, odd lengths and missing samples included`, async () => {
      for (const length of [0, 1, 1001]) {
        const record = makeRecord(format, length)
        await writeWfdbRecord(folder, `w${format}`, record)
        const recording = await openRecording(join(folder, `w${format}`))
        expect(recording.startTime).toEqual(record.startTime)
        expect(recording.signals.map(({ name, gain, baseline, fs, length }) => ({ name, gain, baseline, fs, length }))).toEqual(
          record.signals.map(({ name, gain, baseline }) => ({ name, gain, baseline, fs: record.fs, length })),
        )
        expect(await recording.readDigital([0, 1, 2], 0, 5000)).toEqual(record.signals.map(signal => signal.samples))
        await recording.close()
      }
    })

    it.skipIf(!hasWfdb)(`format ${format}: wfdb-python reads the same samples, gains and start (needs Python with wfdb)`, async () => {
      const record = makeRecord(format, 1001)
      await writeWfdbRecord(folder, `p${format}`, record)
      const script = `
import json, sys, wfdb
r = wfdb.rdrecord(sys.argv[1], physical=False)
p = wfdb.rdrecord(sys.argv[1])
import numpy
print(json.dumps({"d": r.d_signal.T.tolist(), "gain": r.adc_gain, "baseline": r.baseline, "units": r.units, "names": r.sig_name,
  "fs": r.fs, "start": r.base_datetime.isoformat(), "sums": r.checksum, "computed": r.calc_checksum(),
  "nan": numpy.isnan(p.p_signal).sum(axis=0).tolist(), "p0": p.p_signal[0].tolist()}))`
      const read = JSON.parse(execFileSync(python, ['-c', script, join(folder, `p${format}`)], { encoding: 'utf8' })) as Record<
        string,
        unknown
      >
      const code = format === 16 ? -32768 : -2048
      expect(read.d).toEqual(record.signals.map(signal => [...signal.samples].map(value => (value === missingSample ? code : value))))
      expect(read.gain).toEqual([200, 30061.27, -1.25])
      expect(read.baseline).toEqual([-17, 0, 100])
      expect(read.units).toEqual(['mV', 'NU', 'mmHg'])
      expect(read.names).toEqual(['II', 'Pleth, left', 'ABP'])
      expect(read.fs).toBe(249.89)
      expect(read.start).toBe('2026-03-04T05:06:07.089000')
      expect((read.sums as number[]).map(sum => sum & 0xffff)).toEqual((read.computed as number[]).map(sum => sum & 0xffff))
      expect(read.nan).toEqual(record.signals.map(signal => signal.samples.filter(value => value === missingSample).length))
      const recording = await openRecording(join(folder, `p${format}`))
      expect((await recording.readPhysical([0, 1, 2], 0, 1)).map(item => item[0])).toEqual(read.p0)
      await recording.close()
    })
  }

  it('refuses values and names that the files cannot hold', async () => {
    const record = makeRecord(212, 4)
    const change = (part: object): NewRecord => ({ ...record, signals: [{ ...(record.signals[0] as NewRecord['signals'][0]), ...part }] })
    for (const part of [
      { samples: Int32Array.of(2048) },
      { samples: Int32Array.of(-2048) },
      { unit: 'm V' },
      { gain: 0 },
      { gain: NaN },
      { baseline: 0.5 },
      { name: 'a\nb' },
    ]) {
      await expect(writeWfdbRecord(folder, 'bad', change(part)), JSON.stringify(part)).rejects.toThrow(RangeError)
    }
    await expect(writeWfdbRecord(folder, '../bad', record)).rejects.toThrow(RangeError)
    await expect(writeWfdbRecord(join(folder, 'absent'), 'x', record)).rejects.toMatchObject({ code: 'disk-write' })
  })
})

describe('WFDB annotation writer', () => {
  it('writes a file that reads back', async () => {
    await writeAnnotations(join(folder, 'a.vw'), annotations, { timeResolution: { num: 250, den: 1 } })
    const read = await readAnnotations(join(folder, 'a.vw'))
    expect(read.timeResolution).toEqual({ num: 250, den: 1 })
    expect(read.annotations.map(({ code: _, ...item }) => item)).toEqual(
      annotations.map(item => ({ subtype: 0, channel: 0, num: 0, aux: '', ...item })),
    )
  })

  it.skipIf(!hasWfdb)('writes a file that wfdb-python reads alike (needs Python with wfdb)', async () => {
    // wfdb-python cannot hold a sample beyond 32 bits in one step of a SKIP; two of them add up.
    await writeAnnotations(join(folder, 'b.vw'), annotations, { timeResolution: { num: 250, den: 1 } })
    const script = `
import json, sys, wfdb
a = wfdb.rdann(sys.argv[1], "vw")
print(json.dumps([a.fs, [[int(s), y, int(t), int(c), int(n), x] for s, y, t, c, n, x in zip(a.sample, a.symbol, a.subtype, a.chan, a.num, a.aux_note)]]))`
    const [fs, read] = JSON.parse(execFileSync(python, ['-c', script, join(folder, 'b')], { encoding: 'utf8' })) as [number, unknown[]]
    expect(fs).toBe(250)
    expect(read).toEqual(
      annotations.map(({ sample, symbol, subtype = 0, channel = 0, num = 0, aux = '' }) => [sample, symbol, subtype, channel, num, aux]),
    )
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VitalwireError } from '../../src/errors.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { parseAnnotations } from '../../src/recording/wfdb-annotation.js'
import { encodeAnnotations } from '../../src/recording/wfdb-annotation-writer.js'
import { parseWfdbHeader } from '../../src/recording/wfdb-header.js'
import { seededRandom } from '../laws/random.js'
import { doubles, head, matrix } from './make-mat.js'
import { mutate } from './mutate.js'

const seed = Number(process.env.FUZZ_SEED ?? 20261125)

/** Runs `act`, which must not take long; anything thrown must be a VitalwireError. Returns whether it went through. */
async function survives(act: () => unknown, what: string): Promise<boolean> {
  const before = performance.now()
  try {
    await act()
    return true
  } catch (error) {
    if (error instanceof VitalwireError) return false
    throw new Error(`seed ${seed}: ${what}`, { cause: error })
  } finally {
    expect(performance.now() - before, what).toBeLessThan(5000)
  }
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitalwire-fuzz-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function readSome(path: string): Promise<void> {
  const recording = await openRecording(path)
  try {
    for (const signal of recording.signals) {
      for (const from of [0, Math.max(0, signal.length - 50)]) {
        const [physical] = await recording.readPhysical([signal.index], from, 1000)
        if (physical === undefined || physical.length > 1000 || physical.length !== Math.min(1000, signal.length - from))
          throw new Error(`window of ${physical?.length}`)
      }
    }
  } finally {
    await recording.close()
  }
}

describe(`mutated bytes (FUZZ_SEED=${seed}) end in a result or a VitalwireError`, () => {
  const headers = [
    'r 2 62.4725/999.56(3) 40 12:00:00.5 01/02/2020\nr.dat 16x2:3+4 200(10)/mV 12 0 3 -7 0 II\nr.dat 16 0/mmHg 12 0 3 -7 0 ABP\n# note\n',
    'r 1 360 50\r\nr.dat 212 200 11 1024 995 -22131 0 MLII\r\n',
    'r 1 250\nr.dat 8 200 11 1024 995 -22131 0 V5\n',
    'r 3 250 30\nr.dat 311 1 a\nr.dat 311 1 b\nr.dat 311 1 c\n',
    'r/3 1 100 30\ns_layout 0\n~ 10\ns 20\n',
  ]

  it('of headers and signal files, without taking memory beyond the files', async () => {
    const random = seededRandom(seed)
    await writeFile(join(folder, 's_layout.hea'), 's_layout 1 100 0\n~ 0 1/mV 8 0 0 0 0 II\n')
    await writeFile(join(folder, 's.hea'), 's 1 100 20\ns.dat 80 1/mV 8 0 0 0 0 II\n')
    await writeFile(join(folder, 's.dat'), new Uint8Array(20).fill(130))
    const dat = Uint8Array.from({ length: 400 }, () => Math.floor(random() * 256))
    let read = 0
    let refused = 0
    let most = 0
    for (let run = 0; run < 1500; run++) {
      const header = mutate(Buffer.from(headers[run % headers.length] ?? ''), random)
      await writeFile(join(folder, 'r.hea'), run % 7 === 0 ? (headers[run % headers.length] ?? '') : header)
      await writeFile(join(folder, 'r.dat'), run % 3 === 0 ? mutate(dat, random) : dat)
      const what = Buffer.from(header).toString('latin1')
      if (await survives(() => readSome(join(folder, 'r')), what)) read++
      else refused++
      most = Math.max(most, process.memoryUsage().arrayBuffers)
    }
    // Both ways are really walked, and no header makes a buffer of its own choice.
    expect(read).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(100)
    expect(most).toBeLessThan(256 * 1024 * 1024)
  })

  it('of header texts alone', async () => {
    const random = seededRandom(seed + 1)
    let parsed = 0
    for (let run = 0; run < 20_000; run++) {
      const text = Buffer.from(mutate(Buffer.from(headers[run % headers.length] ?? ''), random)).toString('utf8')
      const through = await survives(() => {
        const header = parseWfdbHeader(text, 'r.hea')
        if (!(header.fs.num > 0 && header.fs.den > 0 && header.signals.every(signal => signal.gain !== 0 && Number.isFinite(signal.gain))))
          throw new Error('not sane')
      }, text)
      if (through) parsed++
    }
    expect(parsed).toBeGreaterThan(1000)
    expect(parsed).toBeLessThan(19_000)
  })

  it('of annotation files', async () => {
    const random = seededRandom(seed + 2)
    const bytes = encodeAnnotations(
      Array.from({ length: 40 }, (_, i) => ({
        sample: i * 700,
        symbol: i % 3 === 0 ? 'V' : 'N',
        num: i % 5,
        channel: i % 2,
        aux: i % 4 === 0 ? 'note' : '',
      })),
    )
    let parsed = 0
    for (let run = 0; run < 20_000; run++) {
      const changed = mutate(bytes, random)
      const through = await survives(() => {
        const { annotations } = parseAnnotations(changed, 'r.atr')
        if (annotations.length > changed.length / 2 || annotations.some(item => !Number.isSafeInteger(item.sample)))
          throw new Error('not sane')
      }, Buffer.from(changed).toString('hex'))
      if (through) parsed++
    }
    expect(parsed).toBeGreaterThan(1000)
    expect(parsed).toBeLessThan(20_000)
  })

  it('of CSV files and session descriptions', async () => {
    const random = seededRandom(seed + 3)
    const csv = Buffer.from('# fs: 10\n# start: 2026-01-01T00:00:00Z\n# kind x: ppg\ntime [s],x [mV],"y, z"\n0,1,2\n0.1,3,\n0.3,-1e3,"5"\n')
    const session = Buffer.from(
      JSON.stringify({
        recording: 1,
        start: '2026-01-01T00:00:00Z',
        waveforms: [
          {
            record: 'ok.csv',
            stream: 'a',
            offset: { ticks: 5, perSecond: '10' },
            channels: [{ signal: 'x', kind: 'ecg', wavelength: 660 }],
          },
          { record: 'ok.txt', fs: '10', names: ['a', 'b'], where: { b: '1' }, channels: [{ signal: 'a', gain: 4 }] },
          { record: 'ok.mat', fs: '10', variable: 'm' },
        ],
        numerics: [
          { csv: 'ok.csv', time: { column: 1, perSecond: '1' }, missing: ['0'], columns: [{ column: 2, name: 'spo2', unit: '%' }] },
        ],
      }),
    )
    await writeFile(join(folder, 'ok.csv'), csv)
    await writeFile(join(folder, 'ok.txt'), '% two sensors\n1,1;\n2,2;\n3,1;\n')
    await writeFile(join(folder, 'ok.mat'), Buffer.concat([head(true), matrix('m', 6, [2, 3], 9, doubles([1, 2, 3, 4, 5, 6], true), true)]))
    await readSome(join(folder, 'ok.csv'))
    await writeFile(join(folder, 'm.recording.json'), session)
    await readSome(join(folder, 'm.recording.json'))
    let read = 0
    for (let run = 0; run < 1500; run++) {
      const changed = mutate(run % 2 === 0 ? csv : session, random)
      const path = join(folder, run % 2 === 0 ? 'm.csv' : 'm.recording.json')
      await writeFile(path, changed)
      if (await survives(() => readSome(path), Buffer.from(changed).toString('latin1'))) read++
    }
    expect(read).toBeGreaterThan(50)
    expect(read).toBeLessThan(1450)
  })
})

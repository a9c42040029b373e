import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { listSignalCup, readSignalCup } from '../../src/evaluate/databases/signal-cup-folder.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { doubles, head, matrix } from './make-mat.js'

const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-nothing-'))
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(folder, name), content)
  return path.join(folder, name)
}
const refuses = async (file: string, code: string, message: RegExp) => {
  const opened = openRecording(file).then(recording => recording.close())
  await expect(opened).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
}

describe('a table of which nothing can be read', () => {
  it.each([
    ['an empty file', '', /is empty; accepted: a row of names/],
    ['names alone', '# fs: 100\nII [mV],V [mV]\n', /has no row; accepted: rows of numbers/],
    ['texts alone', '# fs: 100\nII [mV],V [mV]\nx,y\nz,\n', /has no number in any of its 2 rows/],
    ['times and nothing else', 'time,II [mV]\n0,\n0.01,-\n0.02,\n', /has no number in any of its 3 rows/],
    ['numbers with a decimal comma beside a decimal point', '# fs: 100\nII [mV];V [mV]\n0,1;0.2\n', /accepted: one of the two/],
  ])('is refused: %s', async (_, text, message) => {
    await refuses(write('x.csv', text), 'recording-format', message)
  })

  it('is none when one number is there, however late', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => (i === 4999 ? '1.5' : '-'))
    const recording = await openRecording(write('late.csv', `# fs: 100\nII [mV]\n${rows.join('\n')}\n`))
    expect((await recording.readPhysical([0], 4998, 2))[0]).toEqual(Float64Array.of(Number.NaN, 1.5))
    await recording.close()
  })
})

describe('the numerics of a list', () => {
  const list = (time: object) => {
    const numerics = [{ csv: 'n.csv', time, columns: [{ column: 'SpO2', name: 'spo2', unit: '%' }] }]
    return write('n.recording.json', JSON.stringify({ recording: 1, numerics }))
  }

  it.each([
    ['', { column: 'time', perSecond: '1' }, /n.csv is empty/],
    ['time,SpO2\n', { column: 'time', perSecond: '1' }, /no row with a time among 0/],
    ['time,SpO2\nsoon,98\n,97\n', { column: 'time', perSecond: '1' }, /no row with a time among 2; accepted: rows with a number of ticks/],
    ['time,SpO2\n1,98\n2,97\n', { column: 'time', clock: true }, /no row with a time among 2; accepted: rows with a clock time HH:MM:SS/],
  ])('are refused when no row has a time (%j)', async (text, time, message) => {
    write('n.csv', text)
    await refuses(list(time), 'recording-format', message)
  })
})

it('a folder is told from a record that is not there', async () => {
  mkdirSync(path.join(folder, 'some'))
  await refuses(path.join(folder, 'some'), 'recording-missing', /some is a folder and no recording; accepted: a WFDB record in it/)
  await refuses(path.join(folder, 'other'), 'recording-missing', /other.hea is not there/)
})

describe('recordings of the Signal Processing Cup', () => {
  const mat = (name: string, array: string, rows: number, columns: number, value: number) =>
    write(
      name,
      Buffer.concat([head(true), matrix(array, 6, [rows, columns], 9, doubles(new Array<number>(rows * columns).fill(value), true), true)]),
    )
  const read = async () => {
    const files = await listSignalCup(folder)
    return readSignalCup('DATA_01', files.get('DATA_01')!)
  }

  it('are refused when empty, too short for a window, or without a number', async () => {
    mat('DATA_01_BPMtrace.mat', 'BPM0', 1, 1, 75)
    const signal = write('DATA_01.mat', '')
    await expect(read()).rejects.toThrow(`${signal}: byte 0: the file is empty`)
    mat('DATA_01.mat', 'sig', 6, 900, 0.5)
    await expect(read()).rejects.toThrow(/its signals last 7.2 s; accepted: a window of 8 s/)
    mat('DATA_01.mat', 'sig', 6, 1100, Number.NaN)
    await expect(read()).rejects.toThrow(/row 2 of "sig" has no number/)
    mat('DATA_01.mat', 'sig', 6, 1100, 0.5)
    expect((await read()).reference).toEqual([75])
  })
})

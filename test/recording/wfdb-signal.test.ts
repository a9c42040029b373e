import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.js'
import { missingSample as gone, type Recording } from '../../src/recording/recording.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitalwire-wfdb-'))
})
afterAll(() => rm(folder, { recursive: true }))

let made = 0
/** Writes a record: header lines with `R` for its name, and its files by extension. */
async function record(header: string, files: Record<string, readonly number[] | Uint8Array>): Promise<string> {
  const name = `r${made++}`
  await writeFile(join(folder, `${name}.hea`), header.replaceAll('R', name))
  for (const [extension, bytes] of Object.entries(files)) await writeFile(join(folder, `${name}.${extension}`), Uint8Array.from(bytes))
  return join(folder, name)
}

async function readAll(recording: Recording, index = 0): Promise<number[]> {
  return [...((await recording.readDigital([index], 0, 1e6))[0] ?? [])]
}

async function decode(format: number | string, bytes: readonly number[], samples: number | string = '', adc = ''): Promise<number[]> {
  const recording = await openRecording(await record(`R 1 100 ${samples}\nR.dat ${format} 1 ${adc} s\n`, { dat: bytes }))
  const values = await readAll(recording)
  // A window of one sample anywhere must say the same.
  for (const [i, value] of values.entries()) expect((await recording.readDigital([0], i, 1))[0]?.[0]).toBe(value)
  await recording.close()
  return values
}

describe('signal(5), format 8', () => {
  it('sums signed differences up from the initial value', async () => {
    expect(await decode(8, [5, 0xff, 0x80, 127, 0], 5, '12 0 100 0 0')).toEqual([105, 104, -24, 103, 103])
  })

  it('has no code for missing, and windows anywhere agree with the whole', async () => {
    const differences = Array.from({ length: 400_000 }, (_, i) => ((i * 7919) % 255) - 127)
    const recording = await openRecording(
      await record('R 2 100 200000\nR.dat 8 1 12 0 3 0 0 a\nR.dat 8 1 12 0 -4 0 0 b\n', { dat: differences.map(d => d & 0xff) }),
    )
    const whole = await recording.readDigital([0, 1], 0, 200_000)
    for (const from of [150_000, 3, 199_990, 70_000]) {
      const part = await recording.readDigital([1, 0], from, 7)
      expect(part.map(item => [...item])).toEqual([whole[1], whole[0]].map(item => [...(item ?? []).slice(from, from + 7)]))
    }
    await recording.close()
  })
})

describe('signal(5), formats of whole bytes', () => {
  it('16: two bytes, low first; -32768 is missing', async () => {
    expect(await decode(16, [1, 0, 0xff, 0xff, 0xff, 0x7f, 0x01, 0x80, 0x00, 0x80], 5)).toEqual([1, -1, 32767, -32767, gone])
  })
  it('61: two bytes, high first', async () => {
    expect(await decode(61, [0, 1, 0xff, 0xff, 0x7f, 0xff, 0x80, 0x01, 0x80, 0x00], 5)).toEqual([1, -1, 32767, -32767, gone])
  })
  it('24: three bytes; -8388608 is missing', async () => {
    expect(await decode(24, [1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0x80], 4)).toEqual([1, -1, 8388607, gone])
  })
  it('32: four bytes; -2147483648 is missing', async () => {
    expect(await decode(32, [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80], 4)).toEqual([
      1,
      -1,
      2147483647,
      gone,
    ])
  })
  it('80: offset binary of one byte; 0 is -128, missing', async () => {
    expect(await decode(80, [128, 129, 255, 1, 0], 5)).toEqual([0, 1, 127, -127, gone])
  })
  it('160: offset binary of two bytes', async () => {
    expect(await decode(160, [0, 0x80, 1, 0x80, 0xff, 0xff, 1, 0, 0, 0], 5)).toEqual([0, 1, 32767, -32767, gone])
  })
})

describe('signal(5), packed formats', () => {
  it('212: two 12-bit samples in three bytes; an odd last one takes two', async () => {
    // 0x123 and 0x456; -1 and 2047; -2048.
    expect(await decode(212, [0x23, 0x41, 0x56, 0xff, 0x7f, 0xff, 0x00, 0x08], 5)).toEqual([0x123, 0x456, -1, 2047, gone])
  })

  // 1, -1, 511 as 10 bits: 0000000001, 1111111111, 0111111111; then -512, 0x155.
  it('310: the third sample from the upper five bits of both words', async () => {
    const word = (value: number, high: number) => [((value << 1) & 0xff) | 0, ((value >> 7) & 7) | (high << 3)]
    const bytes = [...word(1, 511 & 31), ...word(1023, 511 >> 5), ...word(512, 0), ...word(0x155, 0)]
    expect(await decode(310, bytes, 5)).toEqual([1, -1, 511, gone, 0x155])
    expect(await decode(310, bytes.slice(0, 6), 4)).toEqual([1, -1, 511, gone])
  })

  it('311: three samples from the low end of a 32-bit word; the two highest bits say nothing', async () => {
    const word = (a: number, b: number, c: number, spare: number) => {
      const bits = (a & 1023) + (b & 1023) * 1024 + (c & 1023) * 1048576 + spare * 1073741824
      return [bits % 256, Math.floor(bits / 256) % 256, Math.floor(bits / 65536) % 256, Math.floor(bits / 16777216)]
    }
    expect(await decode(311, [...word(1, -1, 511, 0), ...word(-512, 0x155, -2, 3)], 6)).toEqual([1, -1, 511, gone, 0x155, -2])
    expect(await decode(311, [...word(1, -1, 511, 0), ...word(-512, 0x155, 0, 0).slice(0, 3)], 5)).toEqual([1, -1, 511, gone, 0x155])
    expect(await decode(311, [...word(1, -1, 511, 0), ...word(7, 0, 0, 0).slice(0, 2)], 4)).toEqual([1, -1, 511, 7])
  })

  it('takes a length that the header does not give from the size of the file', async () => {
    expect(await decode(212, [0x23, 0x41, 0x56, 0xff, 0x0f])).toEqual([0x123, 0x456, -1])
    expect(await decode('16+3', [9, 9, 9, 1, 0, 2, 0, 3])).toEqual([1, 2])
  })
})

describe('header(5), physical values', () => {
  it('are (digital - baseline) / gain in UCUM units; missing is NaN', async () => {
    const recording = await openRecording(
      await record('R 2 250 3\nR.dat 16 200(1024)/mmHg 12 0 0 0 0 ABP\nR.dat 16 0 12 1024 0 0 0 MLII\n', {
        dat: [0, 4, 0, 8, 0, 0x80, 0xc8, 4, 0xff, 3, 0, 0x80],
      }),
    )
    expect(recording.signals.map(({ unit, kind, gain, baseline, encoding, bits }) => [unit, kind, gain, baseline, encoding, bits])).toEqual(
      [
        ['mm[Hg]', 'pressure', 200, 1024, 'digital', 16],
        ['mV', 'ecg', 200, 1024, 'digital', 16],
      ],
    )
    expect((await recording.readPhysical([0, 1], 0, 9)).map(item => [...item])).toEqual([
      [0, NaN, -1 / 200],
      [1024 / 200, 1, NaN],
    ])
    await recording.close()
  })
})

describe('header(5), samples per frame, skew and byte offset', () => {
  it('a signal with several samples a frame keeps its own rate', async () => {
    const dat = [10, 0, 1, 0, 2, 0, 11, 0, 3, 0, 4, 0, 12, 0, 5, 0, 6, 0]
    const recording = await openRecording(
      await record('R 2 62.4725 3\nR.dat 16 1/mV 16 0 0 0 0 I\nR.dat 16x2 1/mV 16 0 0 0 0 II\n', { dat }),
    )
    expect(recording.signals.map(({ fs, length }) => [fs.num, fs.den, length])).toEqual([
      [24989, 400, 3],
      [24989, 200, 6],
    ])
    expect(await readAll(recording, 0)).toEqual([10, 11, 12])
    expect(await readAll(recording, 1)).toEqual([1, 2, 3, 4, 5, 6])
    expect([...((await recording.readDigital([1], 3, 2))[0] ?? [])]).toEqual([4, 5])
    await expect(recording.readDigital([0, 1], 0, 2)).rejects.toThrow(RangeError)
    await recording.close()
  })

  it('a skewed signal comes earlier, and its end is missing', async () => {
    const dat = [1, 0, 10, 0, 2, 0, 20, 0, 3, 0, 30, 0, 4, 0, 40, 0]
    const recording = await openRecording(await record('R 2 100 4\nR.dat 16:2 1 16 0 0 0 0 a\nR.dat 16 1 16 0 0 0 0 b\n', { dat }))
    expect(await readAll(recording, 0)).toEqual([3, 4, gone, gone])
    expect((await recording.readDigital([1, 0], 1, 2)).map(item => [...item])).toEqual([
      [20, 30],
      [4, gone],
    ])
    await recording.close()
  })

  it('skew counts frames: a signal of two samples a frame moves by twice as many', async () => {
    const recording = await openRecording(
      await record('R 1 100 3\nR.dat 16x2:1 1 16 0 0 0 0 a\n', { dat: [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0] }),
    )
    expect(await readAll(recording)).toEqual([3, 4, 5, 6, gone, gone])
    await recording.close()
  })

  it('bytes before the first sample are passed over', async () => {
    expect(await decode('16+3', [9, 9, 9, 1, 0, 2, 0], 2)).toEqual([1, 2])
  })

  it('a block size, which only tapes need, changes nothing', async () => {
    expect(await decode(16, [1, 0, 2, 0], 2, '16 0 1 3 512')).toEqual([1, 2])
  })

  it('signals may stand in several files', async () => {
    const recording = await openRecording(
      await record('R 3 100 2\nR.dat 16 1 16 0 0 0 0 a\nR.xyz 80 1 16 0 0 0 0 b\nR.xyz 80 1 16 0 0 0 0 c\n', {
        dat: [1, 0, 2, 0],
        xyz: [128, 138, 129, 139],
      }),
    )
    expect((await recording.readDigital([2, 0, 1], 0, 2)).map(item => [...item])).toEqual([
      [10, 11],
      [1, 2],
      [0, 1],
    ])
    await recording.close()
  })
})

describe('a signal file that does not hold what its header says', () => {
  it('missing: refused with the size that was expected', async () => {
    const path = await record('R 1 100 10\nR.dat 16 1 s\n', {})
    await expect(openRecording(path)).rejects.toMatchObject({
      code: 'recording-missing',
      exitCode: 3,
      message: expect.stringMatching(/r\d+\.dat.*20 bytes.*0 bytes/),
    })
    await expect(openRecording(join(folder, 'nothing'))).rejects.toMatchObject({
      code: 'recording-missing',
      message: expect.stringContaining('nothing.hea'),
    })
  })

  it('shorter by one byte: refused with both sizes; exact or longer: read', async () => {
    const sizes = [
      ['16', 5, 10],
      ['16+24', 5, 34],
      ['212', 5, 8],
      ['310', 4, 6],
      ['310', 5, 8],
      ['311', 4, 6],
      ['311', 5, 7],
      ['24', 5, 15],
      ['16x3', 2, 12],
    ] as const
    for (const [format, samples, bytes] of sizes) {
      const header = `R 1 100 ${samples}\nR.dat ${format} 1 s\n`
      const short = await record(header, { dat: new Uint8Array(bytes - 1) })
      await expect(openRecording(short), format).rejects.toMatchObject({
        code: 'recording-short',
        exitCode: 3,
        message: expect.stringContaining(`expected ${bytes} bytes, found ${bytes - 1} bytes`),
      })
      for (const size of [bytes, bytes + 5]) await (await openRecording(await record(header, { dat: new Uint8Array(size) }))).close()
    }
  })

  it('cut off after it was opened: refused at reading, never filled up', async () => {
    const path = await record('R 1 100 100\nR.dat 16 1 s\n', { dat: new Uint8Array(200) })
    const recording = await openRecording(path)
    await writeFile(`${path}.dat`, new Uint8Array(150))
    await expect(recording.readDigital([0], 0, 100)).rejects.toMatchObject({ code: 'recording-short' })
    await recording.close()
  })

  it('of a format that is not read, or outside the folder: refused', async () => {
    for (const line of ['R.dat 516 1 s', 'R.dat 7 1 s', '/etc/hostname 16 1 s', '../R.dat 16 1 s', 'R.dat 16 1 a\nR.dat 212 1 b']) {
      const header = `R ${line.split('\n').length} 100 1\n${line}\n`
      await expect(openRecording(await record(header, { dat: [0, 0, 0, 0] })), line).rejects.toMatchObject({ code: 'recording-format' })
    }
  })
})

describe('header(5), multi-segment records', () => {
  it('fixed layout: the segments one after the other', async () => {
    const a = await record('R 2 100 2\nR.dat 16 2/mV 16 0 0 0 0 I\nR.dat 16 2/mV 16 0 0 0 0 II\n', { dat: [1, 0, 2, 0, 3, 0, 4, 0] })
    const b = await record('R 2 100 1\nR.dat 80 2/mV 16 0 0 0 0 I\nR.dat 80 2/mV 16 0 0 0 0 II\n', { dat: [133, 134] })
    const name = (path: string) => path.slice(folder.length + 1)
    const path = await record(`R/3 2 100 5 10:00:00 01/02/2020\n${name(a)} 2\n~ 2\n${name(b)} 1\n`, {})
    const recording = await openRecording(path)
    expect(recording.startTime?.toISOString()).toBe('2020-02-01T10:00:00.000Z')
    expect(recording.signals.map(({ name, encoding, length }) => [name, encoding, length])).toEqual([
      ['I', 'digital', 5],
      ['II', 'digital', 5],
    ])
    expect(await readAll(recording, 1)).toEqual([2, 4, gone, gone, 6])
    expect([...((await recording.readDigital([0], 1, 3))[0] ?? [])]).toEqual([3, gone, gone])
    await recording.close()
  })

  it('variable layout: signals by description, absent ones missing, physical where gains differ', async () => {
    const a = await record('R 1 100 2\nR.dat 80 2/mV 16 0 0 0 0 II\n', { dat: [130, 132] })
    const b = await record('R 2 100 2\nR.dat 80 10/mmHg 16 0 0 0 0 ABP\nR.dat 80 4/mV 16 0 0 0 0 II\n', { dat: [138, 132, 0, 136] })
    const layout = await record('R 3 100 0\n~ 0 2/mV 16 0 0 0 0 II\n~ 0 1/mV 16 0 0 0 0 V\n~ 0 1/mmHg 16 0 0 0 0 ABP\n', {})
    const name = (path: string) => path.slice(folder.length + 1)
    const path = await record(`R/4 3 100 5\n${name(layout)} 0\n${name(a)} 2\n~ 1\n${name(b)} 2\n`, {})
    const recording = await openRecording(path)
    expect(recording.signals.map(item => [item.name, item.encoding, item.gain])).toEqual([
      ['II', 'float', 1],
      ['V', 'digital', 1],
      ['ABP', 'digital', 10],
    ])
    expect((await recording.readPhysical([0, 1, 2], 0, 9)).map(item => [...item])).toEqual([
      [1, 2, NaN, 1, 2],
      [NaN, NaN, NaN, NaN, NaN],
      [NaN, NaN, NaN, 1, NaN],
    ])
    expect(await readAll(recording, 2)).toEqual([gone, gone, gone, 10, gone])
    await expect(recording.readDigital([0], 0, 1)).rejects.toThrow(RangeError)
    await recording.close()
  })

  it('refuses segments that are absent, disagree in rate or length, or have other signals', async () => {
    const name = (path: string) => path.slice(folder.length + 1)
    const good = name(await record('R 1 100 2\nR.dat 80 2/mV 16 0 0 0 0 II\n', { dat: [130, 132] }))
    const rate = name(await record('R 1 50 2\nR.dat 80 2/mV 16 0 0 0 0 II\n', { dat: [130, 132] }))
    const two = name(await record('R 2 100 1\nR.dat 80 2/mV 16 0 0 0 0 II\nR.dat 80 2/mV 16 0 0 0 0 V\n', { dat: [130, 132] }))
    const other = name(await record('R 1 100 0\n~ 0 1/mV 16 0 0 0 0 V\n', {}))
    const cases = [
      [`R/1 1 100 2\nabsent 2\n`, 'recording-missing'],
      [`R/2 1 100 4\n${good} 2\n${rate} 2\n`, 'recording-format'],
      [`R/1 1 100 3\n${good} 3\n`, 'recording-format'],
      [`R/1 1 100 9\n${good} 2\n`, 'recording-format'],
      [`R/2 1 100 3\n${good} 2\n${two} 1\n`, 'recording-format'],
      [`R/2 1 100 2\n${other} 0\n${good} 2\n`, 'recording-format'],
      [`R/1 1 100 2\nR 2\n`, 'recording-format'],
    ] as const
    for (const [header, code] of cases) await expect(openRecording(await record(header, {})), header).rejects.toMatchObject({ code })
  })
})

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readMat5 } from '../../src/recording/mat5.js'
import { doubles, element, head, matrix } from './make-mat.js'
import { datasetPath } from './paths.js'

const file = path.join(mkdtempSync(path.join(tmpdir(), 'vitalwire-mat-')), 'made.mat')

describe.each([true, false])('a MATLAB file of version 5, little-endian %s', little => {
  it('gives its numeric arrays and passes over the others', async () => {
    const text = matrix('word', 4, [1, 2], 4, Buffer.from([65, 0, 66, 0]), little)
    const complex = matrix('z', 0x0806, [1, 1], 9, doubles([1], little), little)
    const sig = matrix('sig', 6, [2, 2], 9, doubles([1.5, -2, 3, 4], little), little)
    const bytesOnly = matrix('longer', 6, [1, 3], 1, Buffer.from([1, 255, 3]), little)
    const packed = element(15, deflateSync(matrix('p', 6, [1, 1], 9, doubles([7], little), little)), little)
    // Compressed elements are not filled up.
    const exact = packed.subarray(0, 8 + deflateSync(matrix('p', 6, [1, 1], 9, doubles([7], little), little)).length)
    writeFileSync(file, Buffer.concat([head(little), text, complex, sig, exact, bytesOnly]))
    const arrays = await readMat5(file)
    expect([...arrays.keys()]).toEqual(['sig', 'p', 'longer'])
    expect(arrays.get('sig')).toEqual({ dimensions: [2, 2], values: Float64Array.from([1.5, -2, 3, 4]) })
    expect(arrays.get('p')!.values[0]).toBe(7)
    // What is called double may be stored in bytes.
    expect([...arrays.get('longer')!.values]).toEqual([1, -1, 3])
  })

  it.each([
    ['of version 7.3', head(little, 2), /byte 124: is a MATLAB file of version 7.3/],
    ['of another kind', Buffer.alloc(300), /byte 126: is no MATLAB file/],
    ['cut in a tag', Buffer.concat([head(little), Buffer.alloc(3)]), /byte 128: ends inside the tag/],
    [
      'cut in an array',
      Buffer.concat([head(little), matrix('s', 6, [1, 2], 9, doubles([1, 2], little), little)]).subarray(0, 190),
      /byte 128: has an element of/,
    ],
    [
      'with too few numbers',
      Buffer.concat([head(little), matrix('s', 6, [3, 2], 9, doubles([1, 2], little), little)]),
      /array "s" of 3 x 2 has 16 bytes of type 9/,
    ],
    [
      'with no zlib data',
      Buffer.concat([head(little), element(15, Buffer.from('no zlib'), little)]),
      /byte 136: a compressed array cannot be unpacked/,
    ],
  ])('%s is refused with the byte', async (_, bytes, message) => {
    writeFileSync(file, bytes)
    await expect(readMat5(file)).rejects.toMatchObject({ code: 'recording-format', message: expect.stringMatching(message) as string })
  })
})

describe.skipIf(datasetPath('troika') === null)('files of troika (needs the dataset troika)', () => {
  it('are read as SciPy 1.17.1 reads them', async () => {
    const sig = (await readMat5(datasetPath('troika', 'DATA_01_TYPE01.mat')!)).get('sig')!
    expect(sig.dimensions).toEqual([6, 37937])
    expect(sig.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(-10339161.3256, 3)
    const rates = (await readMat5(datasetPath('troika', 'DATA_01_TYPE01_BPMtrace.mat')!)).get('BPM0')!
    expect(rates.dimensions).toEqual([148, 1])
    expect(rates.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(19744.043846225508, 9)
  })
})

import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FilePool } from '../../src/recording/file-pool.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitalwire-pool-'))
  for (let i = 0; i < 40; i++) await writeFile(join(folder, `f${i}`), Uint8Array.of(i, i + 1, i + 2))
})
afterAll(() => rm(folder, { recursive: true }))

const openFiles = () => readdirSync('/proc/self/fd').length

describe.skipIf(process.platform !== 'linux')('file pool (counts open files in /proc, needs Linux)', () => {
  it('reads many files at once with few left open, and none after close', async () => {
    const before = openFiles()
    const pool = new FilePool(4)
    const reads = await Promise.all(Array.from({ length: 120 }, (_, i) => pool.read(join(folder, `f${i % 40}`), 1, 5)))
    for (const [i, bytes] of reads.entries()) expect([...bytes]).toEqual([(i % 40) + 1, (i % 40) + 2])
    expect(openFiles() - before).toBeLessThanOrEqual(4)
    await pool.close()
    expect(openFiles()).toBe(before)
  })

  it('closes what it could not read, and what is closed while it is read', async () => {
    const before = openFiles()
    const pool = new FilePool()
    await expect(pool.read(folder, 0, 5)).rejects.toMatchObject({ code: 'recording-missing' })
    await expect(pool.read(join(folder, 'none'), 0, 5)).rejects.toMatchObject({ code: 'recording-missing' })
    const reading = pool.read(join(folder, 'f1'), 0, 3)
    await pool.close()
    expect([...(await reading)]).toEqual([1, 2, 3])
    expect(openFiles()).toBe(before)
  })
})

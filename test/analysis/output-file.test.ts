import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requireWritableFolder, writeWhole } from '../../src/analysis/output-file.js'
import { scratchFolder } from '../support/running-server.js'

let scratch = scratchFolder('output')
beforeEach(() => {
  scratch = scratchFolder('output')
})
afterEach(() => scratch.remove())
const at = (name: string) => path.join(scratch.path, name)

describe('output file', () => {
  it('is whole under its name, and nothing beside it', async () => {
    await writeWhole(at('a'), target => writeFile(target, 'new'))
    expect([readdirSync(scratch.path), readFileSync(at('a'), 'utf8')]).toEqual([['a'], 'new'])
  })

  it('keeps the file of before when writing fails', async () => {
    writeFileSync(at('a'), 'old')
    const failing = writeWhole(at('a'), async target => {
      await writeFile(target, 'ne')
      throw new Error('no room')
    })
    await expect(failing).rejects.toMatchObject({ code: 'disk-write', message: expect.stringContaining('no room') })
    expect([readdirSync(scratch.path), readFileSync(at('a'), 'utf8')]).toEqual([['a'], 'old'])
  })

  it('goes to a device as it is', async () => {
    await writeWhole('/dev/null', target => writeFile(target, 'x'))
    expect(existsSync('/dev/null.part')).toBe(false)
  })
})

describe('folder for output', () => {
  it('is made when asked for', async () => {
    await requireWritableFolder(at('a/b'), { make: true })
    expect(existsSync(at('a/b'))).toBe(true)
  })

  it('is refused when it is not there or is a file', async () => {
    await expect(requireWritableFolder(at('no'), { make: false })).rejects.toMatchObject({ code: 'disk-write' })
    mkdirSync(at('d'))
    writeFileSync(at('f'), '')
    await expect(requireWritableFolder(at('f'), { make: true })).rejects.toMatchObject({ code: 'disk-write' })
    await expect(requireWritableFolder(at('d'), { make: false })).resolves.toBeUndefined()
  })
})

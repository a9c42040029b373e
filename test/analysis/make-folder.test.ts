import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../../src/analysis/make-folder.js'
import { scratchFolder } from '../support/running-server.js'

describe('making a folder', () => {
  const scratch = scratchFolder('folder')
  afterAll(() => scratch.remove())

  it('makes what is missing above it, and takes one that is there', async () => {
    const folder = path.join(scratch.path, 'a', 'b', 'c')
    await makeFolder(folder)
    await makeFolder(folder)
    expect(statSync(folder).isDirectory()).toBe(true)
  })

  it('refuses a file, and a place below a file', async () => {
    mkdirSync(path.join(scratch.path, 'd'))
    const file = path.join(scratch.path, 'd', 'file')
    writeFileSync(file, '')
    await expect(makeFolder(file)).rejects.toThrow('is not a folder')
    await expect(makeFolder(path.join(file, 'below'))).rejects.toThrow('is not a folder')
  })

  it('says at once that /proc takes no folder', async () => {
    await expect(makeFolder('/proc/vitalwire/below')).rejects.toThrow()
  })
})

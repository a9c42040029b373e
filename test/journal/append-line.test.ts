import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { appendLine } from '../../src/journal/append-line.js'
import { SmallDisk } from '../support/small-disk.js'

const probe = SmallDisk.mount(1e5)
probe?.remove()

describe('appended lines', () => {
  it.skipIf(probe === null)('leave no half of a line on a full disk, and the next one is whole', () => {
    const disk = SmallDisk.mount(256 * 1024)!
    onTestFinished(() => disk.remove())
    const path = join(disk.path, 'lines')
    const handle = openSync(path, 'a')
    appendLine(handle, 'first')
    disk.fill(8192)
    expect(() => appendLine(handle, 'x'.repeat(100_000))).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    expect(readFileSync(path, 'utf8')).toBe('first\n')
    disk.free()
    appendLine(handle, 'second')
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n')
  })
})

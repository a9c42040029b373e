import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CaptureWriter } from '../../src/capture/capture-writer.js'
import { readCapturedDevices } from '../../src/capture/captured-device.js'
import { readCapture } from '../../src/capture/read-capture.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

const message = (k: number) => ({
  topic: `vw/1/default/d-${k % 3}/n`,
  payload: Buffer.alloc(900 + (k % 50), k),
  at: 1_700_000_000_000_000 + k,
})

async function read(path: string) {
  const messages = []
  const reader = readCapture(path)
  let step = await reader.next()
  for (; step.done !== true; step = await reader.next()) messages.push({ ...step.value, payload: Buffer.from(step.value.payload) })
  return { messages, whole: step.value.whole }
}

async function written(count: number): Promise<string> {
  const path = join(temporaryFolder(), 'ward.mcap')
  const writer = await CaptureWriter.create(path)
  for (let k = 0; k < count; k += 1) await writer.add(message(k))
  expect(existsSync(path)).toBe(false)
  await writer.finish()
  return path
}

describe('a capture', () => {
  it('gives messages back in their order with bytes, topics and times', async () => {
    const path = await written(50)
    const { messages, whole } = await read(path)
    expect(whole).toBe(true)
    expect(messages).toEqual(Array.from({ length: 50 }, (_, k) => message(k)))
  })

  it('is readable up to its last whole chunk wherever it was cut off', async () => {
    const bytes = readFileSync(await written(4000))
    const cut = join(temporaryFolder(), 'cut.mcap')
    let most = 0
    for (const share of [0.3, 0.5, 0.75, 0.9]) {
      writeFileSync(cut, bytes.subarray(0, Math.floor(share * bytes.length)))
      const { messages, whole } = await read(cut)
      expect(whole).toBe(false)
      expect(messages.length).toBeGreaterThanOrEqual(most)
      expect(messages.every(({ payload, at }, k) => at === message(k).at && payload.equals(message(k).payload))).toBe(true)
      most = messages.length
    }
    expect(most).toBeGreaterThan(1000)
  })

  it('refuses what is damaged, what is none, and what is not there', async () => {
    const path = await written(10)
    const bytes = readFileSync(path)
    bytes[bytes.indexOf(Buffer.alloc(100, 5)) + 50]! ^= 1
    writeFileSync(path, bytes)
    await expect(read(path)).rejects.toThrow('accepted is an MCAP file with the profile vitalwire-1')
    writeFileSync(path, 'time,value\n')
    await expect(read(path)).rejects.toThrow('accepted is an MCAP file')
    await expect(read(join(temporaryFolder(), 'none.mcap'))).rejects.toThrow('is not there')
  })

  it('of no device cannot be played', async () => {
    await expect(readCapturedDevices(await written(3))).rejects.toThrow('holds no birth of a device')
  })

  it('leaves nothing when it is abandoned', async () => {
    const path = join(temporaryFolder(), 'ward.mcap')
    const writer = await CaptureWriter.create(path)
    await writer.add(message(1))
    await writer.abandon()
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false])
  })
})

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beatClass } from '../../src/evaluate/compare/annotation-classes.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { RunningServer, repository, runCommand, scratchFolder } from '../support/running-server.js'

interface Analysed {
  readonly eventHash: string
  readonly eventCount: number
  readonly beats: { readonly count: number }
  readonly alerts: readonly { readonly condition: string; readonly onsetSeconds: number }[]
}

async function analyze(...args: string[]): Promise<Analysed> {
  const result = await runCommand(['analyze', ...args, '--json'])
  expect(result.code, result.stderr).toBe(0)
  return JSON.parse(result.stdout) as Analysed
}

const hashOf = ({ eventHash, eventCount }: Analysed) => ({ eventHash, eventCount })

/** Copies a format 212 record of two signals under another name; `change` gets the bytes of the signal file. */
function copyRecord(folder: string, name: string, change: (bytes: Buffer) => void = () => {}): string {
  const bytes = readFileSync(datasetPath('mitdb', '100.dat'))
  change(bytes)
  writeFileSync(path.join(folder, `${name}.dat`), bytes)
  const header = readFileSync(datasetPath('mitdb', '100.hea'), 'utf8')
  writeFileSync(path.join(folder, `${name}.hea`), header.replace(/^100 /m, `${name} `).replaceAll('100.dat', `${name}.dat`))
  return path.join(folder, name)
}

/** 12-bit samples of two signals, three bytes a frame. */
function readFrame(bytes: Buffer, frame: number): [number, number] {
  const at = 3 * frame
  const middle = bytes[at + 1] as number
  const sign = (value: number) => (value > 2047 ? value - 4096 : value)
  return [sign((bytes[at] as number) | ((middle & 15) << 8)), sign((bytes[at + 2] as number) | ((middle >> 4) << 8))]
}

function writeFrame(bytes: Buffer, frame: number, [a, b]: readonly [number, number]): void {
  const at = 3 * frame
  bytes[at] = a & 255
  bytes[at + 1] = ((a >> 8) & 15) | (((b >> 8) & 15) << 4)
  bytes[at + 2] = b & 255
}

describe('eventHash', () => {
  const withMitdb = hasDataset('mitdb')
  const needsMitdb = withMitdb ? '' : ' (needs dataset mitdb)'
  const withHypoxia = hasDataset('uw-hypoxia')
  const needsHypoxia = withHypoxia ? '' : ' (needs dataset uw-hypoxia)'
  const hypoxia = `${repository}/datasets/uw-hypoxia/100001.recording.json`
  const folder = scratchFolder('hash-changes')
  let whole: Analysed
  let desaturated: Analysed

  beforeAll(async () => {
    if (withMitdb) {
      whole = await analyze(copyRecord(folder.path, '100'), '--to', '600')
      expect(whole.beats.count).toBeGreaterThan(700)
    }
    if (withHypoxia) desaturated = await analyze(hypoxia)
  })
  afterAll(() => folder.remove())

  it.skipIf(!withMitdb)(`changes when one QRS complex is removed from the recording, and one beat is gone${needsMitdb}`, async () => {
    // A line is drawn across the QRS complex of the beat nearest to 3:20, in both leads.
    const { annotations } = await readAnnotations(datasetPath('mitdb', '100.atr'))
    const beat = annotations.find(({ sample, symbol }) => sample > 200 * 360 && beatClass(symbol) !== undefined)?.sample as number
    const [from, to] = [beat - 25, beat + 25]
    const flat = copyRecord(folder.path, 'flat', bytes => {
      const before = readFrame(bytes, from)
      const after = readFrame(bytes, to)
      for (let frame = from + 1; frame < to; frame++) {
        const share = (frame - from) / (to - from)
        writeFrame(bytes, frame, [
          Math.round(before[0] + share * (after[0] - before[0])),
          Math.round(before[1] + share * (after[1] - before[1])),
        ])
      }
    })
    const changed = await analyze(flat, '--to', '600')
    expect(changed.beats.count).toBe(whole.beats.count - 1)
    expect(changed.eventHash).not.toBe(whole.eventHash)
  })

  it.skipIf(!withMitdb)(`stays the same under another record name and another folder${needsMitdb}`, async () => {
    expect(hashOf(await analyze(copyRecord(folder.path, 'renamed'), '--to', '600'))).toEqual(hashOf(whole))
  })

  it.skipIf(!withMitdb)(`stays the same under another device name, through serve${needsMitdb}`, async () => {
    const server = await RunningServer.start(folder.path)
    try {
      const record = path.join(folder.path, '100')
      for (const device of ['bed-7', 'a-quite-different-name']) {
        const args = ['replay', record, '--to', '600', '--broker', server.mqtt, '--speed', 'max', '--device', device, '--json']
        const result = await runCommand(args)
        expect(result.code, result.stderr + server.stderr).toBe(0)
        expect(hashOf(JSON.parse(result.stdout) as Analysed), device).toEqual(hashOf(whole))
      }
    } finally {
      await server.stop()
    }
  })

  it.skipIf(!withHypoxia)(`changes when a limit that was crossed is moved, not when one that was far away is${needsHypoxia}`, async () => {
    expect(desaturated.alerts.some(({ condition }) => condition === 'spo2-low')).toBe(true)
    const limits = path.join(folder.path, 'limits.json')
    writeFileSync(limits, JSON.stringify({ 'spo2-low': 88 }))
    const moved = await analyze(hypoxia, '--limits', limits)
    expect(moved.eventHash).not.toBe(desaturated.eventHash)
    const onset = (analysed: Analysed) => analysed.alerts.find(({ condition }) => condition === 'spo2-low')?.onsetSeconds ?? Number.NaN
    expect(onset(moved)).toBeGreaterThan(onset(desaturated))
    writeFileSync(limits, JSON.stringify({ 'heart-rate-high': 199 }))
    expect(hashOf(await analyze(hypoxia, '--limits', limits))).toEqual(hashOf(desaturated))
  })

  it.skipIf(!withHypoxia)(`changes when the age band is below 16, not when it is adult${needsHypoxia}`, async () => {
    const attributes = path.join(folder.path, 'attributes.json')
    writeFileSync(attributes, JSON.stringify({ ageBand: 'child' }))
    expect((await analyze(hypoxia, '--attributes', attributes)).eventHash).not.toBe(desaturated.eventHash)
    writeFileSync(attributes, JSON.stringify({ ageBand: 'adult', pregnant: false }))
    const adult = await analyze(hypoxia, '--attributes', attributes)
    expect(adult.alerts.map(({ condition }) => condition)).toEqual(desaturated.alerts.map(({ condition }) => condition))
  })

  it.skipIf(!withHypoxia)(`stays the same under another name of the recording list${needsHypoxia}`, async () => {
    const list = JSON.parse(readFileSync(hypoxia, 'utf8')) as Record<string, unknown>
    copyFileSync(datasetPath('uw-hypoxia', '100001.reference.csv'), path.join(folder.path, '100001.reference.csv'))
    const own = path.join(folder.path, 'somebody.recording.json')
    const { dataset: _, $schema: __, ...rest } = list
    writeFileSync(own, JSON.stringify({ ...rest, name: 'somebody' }))
    expect(hashOf(await analyze(own))).toEqual(hashOf(desaturated))
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnalysisDocument } from '../../src/analysis/analyze-recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { program, repository, runCommand, scratchFolder } from '../support/running-server.js'
import { smallFs, smallSeconds, writeSmallRecording } from '../support/small-recording.js'

const scratch = scratchFolder('analyze')
let record = ''
beforeAll(async () => {
  record = await writeSmallRecording(scratch.path)
})
afterAll(scratch.remove)

async function analyze(...args: string[]): Promise<AnalysisDocument> {
  const { code, stdout, stderr } = await runCommand(['analyze', record, '--json', ...args])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.trimEnd()).not.toContain('\n')
  return JSON.parse(stdout) as AnalysisDocument
}

describe('analyze --json', () => {
  it('prints one document of the shape that checks read', async () => {
    const document = await analyze()
    expect(document).toMatchObject({ record: 'small', durationSeconds: smallSeconds })
    expect(document.streams).toContainEqual(
      expect.objectContaining({
        kind: 'ecg',
        channels: ['II'],
        fs: [smallFs, 1],
        unit: 'mV',
        samples: smallFs * smallSeconds,
        lostSamples: 0,
      }),
    )
    expect(document.beats.count).toBeGreaterThan(70)
    expect(Object.values(document.beats.byClass).reduce((sum, count) => sum + count)).toBe(document.beats.count)
    const rate = document.vitals.find(({ name }) => name === 'heart-rate')!
    expect(rate).toMatchObject({ unit: '/min', count: expect.any(Number), min: expect.any(Number), max: expect.any(Number) })
    expect(rate.median).toBeCloseTo(75, 0)
    expect(document.scores.length).toBeGreaterThan(0)
    expect(document.eventHash).toMatch(/^[0-9a-f]{64}$/)
    expect(document.eventCount).toBeGreaterThan(100)
    const kernel = expect.stringMatching(/^(native|wasm|reference)$/)
    expect(document.engine).toEqual({ version: '0.1.0', kernel, parametersHash: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  it('has an alert with its evidence where a limit is crossed, and another parameters hash', async () => {
    const limits = path.join(scratch.path, 'limits.json')
    writeFileSync(limits, '{"heart-rate-high": 70}')
    const [plain, limited] = [await analyze(), await analyze('--limits', limits)]
    const alert = limited.alerts.find(({ condition }) => condition === 'heart-rate-high')!
    expect(alert).toMatchObject({ priority: 'medium', kind: 'physiological', endSeconds: null })
    expect(alert.onsetSeconds).toBeGreaterThan(0)
    expect(alert.evidence).toMatchObject({ from: { index: expect.any(Number) }, to: { index: expect.any(Number) } })
    expect(limited.eventHash).not.toBe(plain.eventHash)
    expect(limited.engine.parametersHash).not.toBe(plain.engine.parametersHash)
  })

  it('says whose limit an alert crossed, and from when it held; of other patients nothing', async () => {
    const write = (patient: string) => {
      const file = path.join(scratch.path, `${patient}.json`)
      const by = { author: 'Dr Ada', reason: 'after surgery' }
      // A recording without a date begins with 1970.
      const from = { from: '1970-01-01T00:00:20Z', until: '1970-01-01T01:00:50+01:00' }
      writeFileSync(file, JSON.stringify({ prescriptions: [{ patient, ...from, ...by, rules: { 'heart-rate-high': 70 } }] }))
      return file
    }
    const [plain, own, other] = [
      await analyze(),
      await analyze('--limits', write('small')),
      await analyze('--limits', write('someone-else')),
    ]
    const alert = own.alerts.find(({ condition }) => condition === 'heart-rate-high')!
    const prescribed = { author: 'Dr Ada', reason: 'after surgery' }
    expect(alert).toMatchObject({ onsetSeconds: 30, endSeconds: 50, limit: 70, prescribed })
    expect(alert.message).toMatch(/\(limits by Dr Ada: after surgery\)$/)
    expect(own.limitChanges).toMatchObject([
      { t: 20, condition: 'heart-rate-high', limit: 70, clearLimit: 67, prescribed, before: { limit: 120, prescribed: null } },
      { t: 50, condition: 'heart-rate-high', limit: 120, prescribed: null },
    ])
    expect(own.engine.parametersHash).not.toBe(plain.engine.parametersHash)
    expect([other.eventHash, other.engine.parametersHash]).toEqual([plain.eventHash, plain.engine.parametersHash])
  })

  it('refuses a prescription without its zone: wrong use, and where it stands', async () => {
    const file = path.join(scratch.path, 'zoneless.json')
    const one = { patient: 'small', from: '2026-11-25T08:00', author: 'a', reason: 'b', oxygenTarget: [88, 92] }
    writeFileSync(file, JSON.stringify({ prescriptions: [one] }))
    const { code, stderr } = await runCommand(['analyze', record, '--limits', file])
    expect(code).toBe(2)
    expect(stderr).toMatch(/zoneless\.json: prescriptions\[0\]\.from: "2026-11-25T08:00" is not accepted; accepted: a moment with its zone/)
  })

  it('takes attributes of all patients and of this device; they are no parameters', async () => {
    const all = path.join(scratch.path, 'all.json')
    const own = path.join(scratch.path, 'own.json')
    writeFileSync(all, '{"ageBand": "child"}')
    writeFileSync(own, '{"patients": {"small": {"ageBand": "child"}}}')
    const [plain, byAll, byDevice] = [await analyze(), await analyze('--attributes', all), await analyze('--attributes', own)]
    expect(byAll.scores.every(score => score.refused !== undefined)).toBe(true)
    expect(byAll.eventHash).not.toBe(plain.eventHash)
    expect(byDevice.eventHash).toBe(byAll.eventHash)
    expect(byAll.engine.parametersHash).toBe(plain.engine.parametersHash)
  })

  it('is the same however long the chunks are', async () => {
    const hashes = await Promise.all(['0.25', '2'].map(async chunk => (await analyze('--chunk', chunk)).eventHash))
    expect(hashes[0]).toBe(hashes[1])
  })

  it('takes a channel by its name or its index', async () => {
    const [byName, byIndex] = [await analyze('--channels', 'II'), await analyze('--channels', '1')]
    expect(byName.streams.map(({ channels }) => channels)).toEqual([['II']])
    expect(byIndex.eventHash).toBe(byName.eventHash)
  })

  it('prints a line for each of several recordings', async () => {
    const { code, stdout } = await runCommand(['analyze', record, record, '--to', '10', '--json'])
    const lines = stdout.trimEnd().split('\n')
    expect(code).toBe(0)
    expect(lines.map(line => (JSON.parse(line) as AnalysisDocument).durationSeconds)).toEqual([10, 10])
  })
})

describe('analyze --annotate', () => {
  it('writes beats with the sample and signal numbers of the recording, also of a part of it', async () => {
    const [whole, part] = [path.join(scratch.path, 'whole'), path.join(scratch.path, 'part')]
    const { beats } = await analyze('--annotate', whole)
    await analyze('--annotate', part, '--from', '20', '--to', '50', '--channels', 'II')
    const read = async (folder: string) => (await readAnnotations(path.join(folder, 'small.vw'))).annotations
    const all = await read(whole)
    expect(all).toHaveLength(beats.count)
    for (const { sample, channel } of all) {
      expect(channel).toBe(1)
      // R peaks are at 0.5 s + 0.8 s * k.
      const phase = (sample / smallFs - 0.5 + 0.4) % 0.8
      expect(Math.abs(phase - 0.4)).toBeLessThan(0.03)
    }
    const later = await read(part)
    expect(later.length).toBeGreaterThan(30)
    const known = all.map(({ sample }) => sample)
    for (const { sample } of later) {
      expect(sample).toBeGreaterThanOrEqual(20 * smallFs)
      expect(known.some(other => Math.abs(other - sample) <= 2)).toBe(true)
    }
    expect(readdirSync(whole).sort()).toEqual(['small.vw', 'small.vwd', 'small.vwr'])
    const waves = (await readAnnotations(path.join(whole, 'small.vwd'))).annotations
    const counts = (symbol: string) => waves.filter(wave => wave.symbol === symbol).length
    expect(counts('N')).toBeGreaterThan(0.8 * beats.count)
    expect(counts('t')).toBeGreaterThan(0.6 * beats.count)
    for (const { sample } of waves.filter(wave => wave.symbol === 'N')) expect(known).toContain(sample)
    expect((await readAnnotations(path.join(whole, 'small.vwr'))).annotations.filter(({ symbol }) => symbol === '[')).toEqual([])
  })

  it.skipIf(!hasDataset('mimic4wdb'))('says the rate in a recording of several rates (needs the dataset mimic4wdb)', async () => {
    const session = path.join(repository, 'datasets', 'mimic4wdb', '0001.recording.json')
    const { code } = await runCommand(['analyze', session, '--to', '60', '--annotate', scratch.path])
    expect(code).toBe(0)
    const { annotations, timeResolution } = await readAnnotations(path.join(scratch.path, 'mimic4wdb-0001.vw'))
    expect(timeResolution).toEqual({ num: 24989, den: 100 })
    expect(annotations.length).toBeGreaterThan(50)
  })
})

describe('analyze --report', () => {
  it('writes one page that needs nothing else, with the notice', async () => {
    const file = path.join(scratch.path, 'report.html')
    await analyze('--report', file)
    const html = readFileSync(file, 'utf8')
    expect(html).toContain('Not a medical device; research and engineering use.')
    expect(html).toContain('heart-rate (/min), ecg')
    expect(html).toMatch(/<polyline /)
    expect(html).not.toMatch(/https?:\/\/|<script|<link|\b(src|href)=|url\(/)
  })

  it('leaves nothing behind when the disk is full', async () => {
    const file = path.join(scratch.path, 'full.html')
    const script = `ulimit -f 1; exec "$@"`
    const child = spawn('bash', ['-c', script, 'bash', process.execPath, program, 'analyze', record, '--report', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString()
    })
    await once(child, 'close')
    expect(child.exitCode).toBe(3)
    expect(stderr).toMatch(/^vitalwire: file .*full\.html cannot be written: EFBIG.*\[disk-write\]\n$/)
    expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false])
  })
})

it('analyze ends quietly when its reader leaves', async () => {
  const records = Array.from({ length: 6 }, () => record)
  const script = `"$@" | head -c 10`
  const args = ['-o', 'pipefail', '-c', script, 'bash', process.execPath, program, 'analyze', ...records, '--to', '10', '--json']
  const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
  })
  await once(child, 'close')
  expect([child.exitCode, stderr]).toEqual([0, ''])
})

describe.skipIf(!hasDataset('mimic4wdb'))('Ctrl-C (needs the dataset mimic4wdb)', () => {
  it('ends an analysis with 130, a line and no half-written file', async () => {
    const report = path.join(scratch.path, 'stopped.html')
    const session = datasetPath('mimic4wdb', '85594648_0001e')
    const child = spawn(process.execPath, [program, 'analyze', session, '--report', report], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString()
    })
    // In the middle of it: node has started, and the analysis takes some seconds on any machine.
    setTimeout(() => child.kill('SIGINT'), 1500)
    await once(child, 'close')
    expect([child.exitCode, stderr]).toEqual([130, 'vitalwire: stopped before it was done\n'])
    expect(existsSync(report)).toBe(false)
  })
})

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnalysisDocument } from '../../src/analysis/analyze-recording.js'
import { doubles, head, matrix } from '../recording/make-mat.js'
import { RunningServer, runCommand, scratchFolder } from '../support/running-server.js'
import { drawStream, streamShapes } from '../support/synthetic-streams.js'

const fs = 125
const seconds = 70

/** ECG, light and acceleration as the rows of one MATLAB array, as `troika` has them, and a list that tells them apart. */
function writeListed(folder: string): string {
  const rows = ['ecg', 'ppg', 'acceleration'].flatMap(id => drawStream(streamShapes.find(shape => shape.id === id)!, fs, seconds).channels)
  const length = rows[0]!.length
  const values = Array.from({ length: length * rows.length }, (_, i) => rows[i % rows.length]![Math.floor(i / rows.length)]!)
  const file = Buffer.concat([head(true), matrix('sig', 6, [rows.length, length], 9, doubles(values, true), true)])
  writeFileSync(path.join(folder, 'runner.mat'), file)
  const part = (stream: string, signals: readonly number[], unit: string) => ({
    record: 'runner.mat',
    fs: `${fs}`,
    stream,
    channels: signals.map(signal => ({ signal, name: `${stream} ${signal}`, kind: stream, unit })),
  })
  const waveforms = [part('ecg', [0, 1], 'mV'), part('ppg', [2], '1'), part('acceleration', [3, 4, 5], '[g]')]
  const list = path.join(folder, 'runner.recording.json')
  writeFileSync(list, JSON.stringify({ recording: 1, waveforms }))
  return list
}

describe('a list of a MATLAB file', () => {
  const folder = scratchFolder('listed')
  let server: RunningServer
  let list = ''
  beforeAll(async () => {
    list = writeListed(folder.path)
    server = await RunningServer.start(folder.path, { config: { assign: 'manual' } })
  }, 60_000)
  afterAll(async () => {
    await server?.stop()
    folder.remove()
  })

  it('is one patient with ECG, light and acceleration, and the same whether it is analysed or replayed', async () => {
    const analysed = await runCommand(['analyze', list, '--json'])
    expect([analysed.code, analysed.stderr]).toEqual([0, ''])
    const document = JSON.parse(analysed.stdout) as AnalysisDocument
    expect(document.streams.map(({ id, kind, fs: rate, samples, lostSamples }) => [id, kind, rate, samples, lostSamples])).toEqual(
      ['ecg', 'ppg', 'acceleration'].map(id => [id, id, [fs, 1], fs * seconds, 0]),
    )
    expect(document.vitals.map(({ name }) => name)).toEqual(expect.arrayContaining(['heart-rate', 'pulse-rate']))
    const replayed = await runCommand([
      'replay',
      list,
      '--broker',
      server.mqtt,
      '--engine',
      server.http,
      '--patient',
      'runner',
      '--speed',
      'max',
      '--json',
    ])
    expect([replayed.code, JSON.parse(replayed.stdout)]).toEqual([
      0,
      expect.objectContaining({ patient: 'runner', eventHash: document.eventHash, eventCount: document.eventCount }),
    ])
    const patients = (await server.get('/api/v1/patients')) as { patients: { id: string }[] }
    expect(JSON.stringify(patients)).toContain('runner')
  }, 60_000)
})

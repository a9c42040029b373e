import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { planStream } from '../../src/monitor/plan.js'
import { openRecording } from '../../src/recording/open-recording.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { checkChainLaws } from '../laws/chain-laws.js'
import { datasetPath } from '../recording/paths.js'

const seconds = 60
/** LAW_SEED: other losses and cuts. */
const seeded = process.env.LAW_SEED === undefined ? {} : { seed: Number(process.env.LAW_SEED) }
const lists = new URL('../../datasets/', import.meta.url).pathname

interface Recorded {
  readonly set: string
  /** In the set, or in the folder of lists. */
  readonly record: string
  readonly kind: StreamSpec['kind']
  /** Second at which the minute begins. */
  readonly from: number
}

const fallList = 'fall.recording.json'

/** Minutes with what signals have in life: arrhythmia, losses, movement, a fall. */
const recorded: readonly Recorded[] = [
  { set: 'mitdb', record: '207', kind: 'ecg', from: 30 },
  { set: 'cudb', record: 'cu01', kind: 'ecg', from: 180 },
  { set: 'mimic4wdb', record: '0001.recording.json', kind: 'ecg', from: 3000 },
  { set: 'mimic4wdb', record: '0001.recording.json', kind: 'ppg', from: 3000 },
  { set: 'mimic4wdb', record: '0001.recording.json', kind: 'respiration', from: 3000 },
  { set: 'cinc2015', record: 'a103l', kind: 'ecg', from: 250 },
  { set: 'uw-hypoxia', record: '100001-camera.recording.json', kind: 'ppg', from: 300 },
  { set: 'troika', record: 'DATA_05_TYPE02.recording.json', kind: 'ppg', from: 60 },
  { set: 'troika', record: 'DATA_05_TYPE02.recording.json', kind: 'acceleration', from: 60 },
  { set: 'empatica-e4', record: 'S01', kind: 'ppg', from: 600 },
  { set: 'empatica-e4', record: 'S01', kind: 'acceleration', from: 600 },
  { set: 'empatica-e4', record: 'S01', kind: 'temperature', from: 600 },
  { set: 'falls', record: fallList, kind: 'acceleration', from: 0 },
  { set: 'edf', record: 'short_psg.edf', kind: 'eeg', from: 30 },
  { set: 'edf', record: 'S001R01.edf', kind: 'eeg', from: 0 },
]

/** A fall and what was before it: the accelerometer at the waist. */
function writeFall(): string {
  const names = ['x', 'y', 'z', 'gx', 'gy', 'gz', 'x2', 'y2', 'z2']
  const channels = ['x', 'y', 'z'].map(signal => ({ signal, kind: 'acceleration', unit: '[g]', gain: 256 }))
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'vitalwire-fall-')), fallList)
  const waveforms = [{ record: 'sisfall/SA01/F05_SA01_R02.txt', fs: '200', names, channels }]
  writeFileSync(file, JSON.stringify({ recording: 1, dataset: 'falls', waveforms }))
  return file
}

async function readMinute({ set, record, kind, from }: Recorded): Promise<{ spec: StreamSpec; channels: Float64Array[] }> {
  const listed = record.endsWith('.json') ? path.join(lists, set, record) : null
  const file = record === fallList ? writeFall() : (listed ?? datasetPath(set, record)!)
  const recording = await openRecording(file)
  try {
    const first = recording.signals.find(signal => signal.kind === kind)!
    const { fs, unit } = first
    const together = recording.signals.filter(
      signal => signal.kind === kind && signal.unit === unit && signal.length === first.length && signal.stream === first.stream,
    )
    const chosen = together.slice(0, 3)
    const hz = fs.num / fs.den
    const channels = await recording.readPhysical(
      chosen.map(({ index }) => index),
      Math.round(from * hz),
      Math.round(seconds * hz),
    )
    return { spec: { id: kind, kind, channels: chosen.map(({ name }) => name), unit, fs }, channels }
  } finally {
    await recording.close()
  }
}

for (const one of recorded) {
  const name = `the ${one.kind} chain on ${one.set}/${one.record} from ${one.from} s`
  if (datasetPath(one.set) === null) {
    it.skip(`${name} (needs the dataset ${one.set})`, () => {})
    continue
  }
  const { spec, channels } = await readMinute(one)
  describe(name, () => {
    const plan = planStream(spec)
    it('reads the stream', () => {
      expect(plan.readable).toBe(true)
      expect(channels[0]!.length).toBeGreaterThan(10 * (spec.fs.num / spec.fs.den))
    })
    if (plan.chain.name === 'silent') return
    checkChainLaws({ create: () => planStream(spec).chain, channels, fs: spec.fs.num / spec.fs.den, steady: false, ...seeded })
  })
}

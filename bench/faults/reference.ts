import { rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Engine, EngineConfig } from '../../src/engine/engine-types.js'
import { makeVirtual } from './devices.js'
import { FaultDevice } from './fault-device.js'
import type { Reference } from './history.js'
import { patientLines } from './patient-lines.js'
import type { DevicePlan } from './plan.js'
import { readEventLog } from './read-run.js'

/** The same recorded devices, and nothing goes wrong: one worker, embedded broker, as fast as it goes. */
export async function runReference(folder: string, devices: readonly DevicePlan[]): Promise<Reference> {
  const dataDir = path.join(folder, 'reference')
  // The compiled program: its worker threads are compiled files.
  const module = pathToFileURL(path.join(process.cwd(), 'dist', 'engine', 'engine.js')).href
  const { startEngine } = (await import(module)) as { startEngine: (config: EngineConfig) => Promise<Engine> }
  const engine = await startEngine({
    dataDir,
    workers: 1,
    assign: 'auto',
    broker: { kind: 'embedded', host: '127.0.0.1', port: 0, orNextFree: true, passwords: null },
  })
  try {
    const recorded = devices.filter(({ clock }) => clock === 'recorded')
    const played = await Promise.all(recorded.map(plan => FaultDevice.make(makeVirtual(plan), { url: engine.mqttUrl, speed: 'max' })))
    await Promise.all(played.map(device => device.play()))
    const hashes = new Map(played.map(device => [device.history().session, device.history().final!]))
    await engine.stop()
    return { lines: patientLines((await readEventLog(dataDir)).events), hashes }
  } finally {
    await engine.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

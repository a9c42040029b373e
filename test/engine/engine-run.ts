import type { Engine, EngineConfig } from '../../src/engine/engine-types.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { WaveSegment } from '../../src/journal/wave-segment.js'
import { playRecording } from '../../src/replay/play-recording.js'
import { replayDevices } from '../../src/replay/replay-devices.js'
import type { ScenarioName } from '../../src/simulate/scenario.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import { importBuilt } from './built.js'

/** The compiled engine: its workers are compiled files. */
export async function startBuilt(config: Partial<EngineConfig> & { dataDir: string }): Promise<Engine> {
  const { startEngine } = await importBuilt<typeof import('../../src/engine/engine.js')>('engine/engine.js')
  const broker = { kind: 'embedded', host: '127.0.0.1', port: 0, orNextFree: true, passwords: null } as const
  return startEngine({ assign: 'auto', broker, ...config })
}

/** Seeded patients whose recordings take `seconds` of signal. */
export function patients(scenarios: readonly ScenarioName[], seconds: number, boot = 1) {
  return scenarios.map((scenario, k) => {
    const name = `sim-${k}-${scenario}`
    return playRecording({ source: makeSyntheticSource({ name, scenario, seed: k + 1, durationSeconds: seconds, onsetSeconds: 20 }), boot })
  })
}

export async function replay(url: string, scenarios: readonly ScenarioName[], seconds: number, boot = 1, more: object = {}) {
  return replayDevices(patients(scenarios, seconds, boot), { url, speed: 'max', confirmSeconds: 90, ...more })
}

/** Everything in the event log. */
export async function readLog(engine: Engine): Promise<{ events: LoggedEvent[]; segments: WaveSegment[] }> {
  const reader = engine.events(null)
  const events: LoggedEvent[] = []
  const segments: WaveSegment[] = []
  while (reader.bytesBehind() > 0) {
    const batch = await reader.next()
    if (batch === null) break
    events.push(...batch.events)
    segments.push(...batch.segments)
  }
  reader.close()
  return { events, segments }
}

/**
 * The patient log's lines by partition, without what depends on when it was received: a message that a busy broker lets come
 * twice is a journal record of its own, and moves the ids of what follows. An event that is there twice is two lines.
 */
export function patientLines(events: readonly LoggedEvent[]): string[] {
  return events
    .filter(event => event.log === 'patient')
    .map(({ partition, patient, session, t, type, stream, body }) => JSON.stringify([partition, patient, session, t, type, stream, body]))
    .sort()
}

export async function until(what: string, condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} did not come within ${seconds} s`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}

import type { RunningServer } from '../support/running-server.js'

/** An alert as `GET /api/v1/patients/{id}/alerts` gives it; times in microseconds of patient time. */
export interface Alert {
  readonly id: string
  readonly condition: string
  readonly stream: string
  readonly priority: string
  readonly kind: string
  readonly state: string
  readonly onset: number
  readonly end: number | null
  readonly name: string | null
  readonly value: number | null
  readonly delayed: boolean
  readonly evidence: { from: { stream: string; index: number }; to: { stream: string; index: number } } | null
}

export async function alertsOf(server: RunningServer, patient: string): Promise<Alert[]> {
  const reply = (await server.get(`/api/v1/patients/${patient}/alerts`)) as { alerts: Alert[] }
  return reply.alerts
}

/** Patient of each device. */
export async function patientsOf(server: RunningServer): Promise<Map<string, string>> {
  const reply = (await server.get('/api/v1/assignments')) as {
    assignments: { device: string; patient: string | null; to: number | null }[]
  }
  const patients = new Map<string, string>()
  for (const { device, patient, to } of reply.assignments) if (patient !== null && to === null) patients.set(device, patient)
  return patients
}

interface Stretch {
  readonly fs: [number, number]
  readonly start: number
  /** Patient time of sample `start`, microseconds. */
  readonly t: number
}

/** Patient time, microseconds, of index 0 of a stream: what seconds into the recording count from. */
export async function originOf(server: RunningServer, patient: string, stream: string): Promise<number> {
  const { sessions } = (await server.get(`/api/v1/sessions?patient=${patient}`)) as { sessions: { openedAt: number }[] }
  const openedAt = sessions.at(-1)?.openedAt ?? 0
  // A recording is placed at the moment at which its replay began, shortly before the engine heard of it.
  const range = `from=${openedAt - 60e6}&to=${openedAt + 1e6}`
  const { stretches } = (await server.get(`/api/v1/patients/${patient}/waveform?stream=${stream}&${range}`)) as { stretches: Stretch[] }
  const first = stretches[0]
  if (first === undefined) throw new Error(`patient ${patient} has no stored samples of ${stream}`)
  return first.t - (first.start * 1e6 * first.fs[1]) / first.fs[0]
}

/** Resolves once the store has all that the engine has said. */
export async function untilStored(server: RunningServer): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const { lag } = (await server.get('/api/v1/health')) as {
      lag: { stores: Record<string, { bytesBehind: number; eventsPending: number }> }
    }
    const stores = Object.values(lag.stores)
    if (stores.length > 0 && stores.every(store => store.bytesBehind === 0 && store.eventsPending === 0)) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('the store does not come to the end of the event log')
}

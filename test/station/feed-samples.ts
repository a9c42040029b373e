import type { AlertView, FeedEvent, PatientView, SnapshotMessage } from '../../src/server/feed-protocol.js'

export const second = 1e6
export const start = 1_700_000_000 * second

export function alertOf(change: Partial<AlertView> = {}): AlertView {
  return {
    id: '1-1-0',
    patient: 'p-1',
    session: 's',
    stream: '',
    condition: 'asystole',
    priority: 'high',
    kind: 'physiological',
    state: 'active',
    raised: true,
    onset: start,
    onsetAt: start,
    end: null,
    endReason: null,
    acknowledged: null,
    revision: 1,
    name: null,
    value: null,
    limit: null,
    message: 'No heartbeat found in the ECG for 4 s',
    measurable: true,
    evidence: null,
    delayed: false,
    ...change,
  }
}

export function eventOf(change: Partial<FeedEvent>): FeedEvent {
  return {
    id: '1-2-0',
    log: 'patient',
    partition: 1,
    patient: 'p-1',
    device: 'd-1',
    session: 's',
    t: start,
    at: start,
    type: 'beat',
    stream: 'ecg',
    body: {},
    note: {},
    ageMs: 5,
    delayed: false,
    ...change,
  }
}

export function patientOf(change: Partial<PatientView> = {}): PatientView {
  return { id: 'p-1', devices: [], vitals: [], news2: null, alerts: [], t: null, at: null, ...change }
}

export function snapshotOf(patients: readonly PatientView[]): SnapshotMessage {
  return { type: 'snapshot', cursor: 'c0', now: start, patients, system: { alerts: [] } }
}

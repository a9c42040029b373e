import { type PatientPrescription, prescriptionsOf } from '../alert/prescribed-limits.js'
import type { VirtualDevice } from '../device/virtual-device.js'
import { Partition } from '../engine/partition.js'
import type { PartitionOptions } from '../engine/partition-options.js'
import type { Ledger } from '../engine/partition-types.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { MessageRecord } from '../journal/record.js'
import type { Aside } from '../monitor/aside.js'

export interface RecordingRun {
  /** null when the session ran out of order. */
  readonly eventHash: string | null
  readonly eventCount: number
  readonly ledger: Ledger
}

export interface RunControl {
  /** About every minute of signal, with the seconds done. */
  readonly onProgress?: (seconds: number) => void
  /** What the patient log does not keep: fast beats, waves of beats. */
  readonly onAside?: (aside: Aside) => void
  /** Ends the run, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** The patient of a recording that is run in process; no name enters the hash. */
const patient = 'recorded'

/** The prescriptions of a recording, whose patient is known by the name of its device alone. */
function prescribedFor(device: string, { prescriptions = [] }: PartitionOptions): PatientPrescription[] {
  return prescriptionsOf(prescriptions, device).map(prescription => ({ ...prescription, patient }))
}

/**
 * Pushes a recording through the same partition that `serve` runs, as fast as it goes: the encoded bytes of its device
 * go to the same decoder, in the order in which the device would send them. `onEvent` gets every event in order.
 */
export async function runRecording(
  device: VirtualDevice,
  options: PartitionOptions,
  onEvent: (event: LoggedEvent) => void,
  { onProgress, onAside, signal }: RunControl = {},
): Promise<RecordingRun> {
  const partition = new Partition(0, { ...options, prescriptions: prescribedFor(device.device, options) })
  let closed: { eventHash: string | null; eventCount: number } | null = null
  let disordered = false
  const sink = {
    event(event: LoggedEvent): void {
      if (event.log === 'system' && event.type === 'session') {
        if (event.body.state === 'disordered') disordered = true
        if (event.body.state === 'closed') {
          closed = { eventHash: event.body.eventHash as string | null, eventCount: event.body.eventCount as number }
        }
      }
      onEvent(event)
    },
    command(): void {},
    highWater(): void {},
    wave(): void {},
    wavesWanted: () => false,
    ...(onAside === undefined ? {} : { aside: onAside }),
  }
  let offset = 0
  const message = (topic: MessageRecord['topic'], stream: string, payload: Uint8Array, at: number): void => {
    partition.process({ type: 'message', device: device.device, topic, stream, payload, at }, offset++, sink)
  }
  partition.process(
    { type: 'adopt', device: device.device, patient, from: 0, author: 'vitalwire', reason: 'recording', state: null, at: 0 },
    offset++,
    sink,
  )
  message('birth', '', device.birth(), 0)
  let told = 0
  let turn = performance.now()
  for await (const next of device.messages()) {
    message(next.topic, next.topic === 'w' ? next.stream : '', next.payload, Math.round(next.time * 1e6))
    if (onProgress !== undefined && next.time - told >= 60) {
      told = next.time
      onProgress(told)
    }
    // A signal of the system is heard only when the event loop comes round; messages made from memory never let it.
    if (signal !== undefined && performance.now() - turn > 50) {
      await new Promise(resolve => setImmediate(resolve))
      turn = performance.now()
    }
    signal?.throwIfAborted()
  }
  const end = closed as { eventHash: string | null; eventCount: number } | null
  return {
    eventHash: disordered ? null : (end?.eventHash ?? null),
    eventCount: end?.eventCount ?? 0,
    ledger: partition.ledger(),
  }
}

import type { WaveMessage } from '../../../server/wave-frame.js'
import { PlayoutClock } from './playout-clock.js'
import { TraceBuffer } from './trace-buffer.js'

/** The waves of all patients: a buffer for each channel, one playout clock for each patient, so that its waves stay in step. */
export class WaveDesk {
  private readonly patients = new Map<string, { clock: PlayoutClock; traces: Map<string, TraceBuffer> }>()

  take(waves: readonly WaveMessage[], now: number): void {
    for (const wave of waves) {
      const patient = this.patient(wave.patient)
      patient.clock.arrive(wave.t, wave.t + wave.values.length * wave.stepMicros, now)
      this.trace(wave.patient, wave.device, wave.stream, wave.channel).push(wave)
    }
  }

  clock(patient: string): PlayoutClock {
    return this.patient(patient).clock
  }

  trace(patient: string, device: string, stream: string, channel: string): TraceBuffer {
    const { traces } = this.patient(patient)
    const key = `${device}\n${stream}\n${channel}`
    let trace = traces.get(key)
    if (!trace) traces.set(key, (trace = new TraceBuffer()))
    return trace
  }

  /** After an outage arrivals of before say nothing. */
  restart(): void {
    for (const { clock } of this.patients.values()) clock.restart()
  }

  private patient(id: string): { clock: PlayoutClock; traces: Map<string, TraceBuffer> } {
    let patient = this.patients.get(id)
    if (!patient) this.patients.set(id, (patient = { clock: new PlayoutClock(), traces: new Map() }))
    return patient
  }
}

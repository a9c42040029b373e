import type { VitalName } from '../signal/catalogue.js'
import { catalogue } from '../signal/catalogue.js'
import type {
  BeatObservation,
  BreathObservation,
  EpisodeObservation,
  MeasurementObservation,
  PulseObservation,
  QualityObservation,
  RhythmObservation,
} from '../signal/observation.js'
import type { StreamSpec } from '../signal/stream.js'
import { flagImplausible } from '../vitals/reading-check.js'
import type { VitalReading } from '../vitals/vital-reading.js'
import type { PatientEvent } from './event.js'

type Told = BeatObservation | PulseObservation | BreathObservation | QualityObservation | RhythmObservation | EpisodeObservation

/** The event of the patient log that an observation becomes. Beats, pulses and breaths stand at their own time, the rest when decided. */
export function observationEvent(observation: Told, stream: string, timeOf: (index: number) => number): PatientEvent {
  const { kind: type, channel, decided } = observation
  switch (observation.kind) {
    case 'beat':
    case 'pulse':
    case 'breath': {
      const { index, quality } = observation
      const interval =
        observation.kind === 'beat'
          ? { ...beatBody(observation), rrSeconds: observation.rrSeconds }
          : { intervalSeconds: observation.intervalSeconds }
      const body = { sample: { stream, index }, channel, ...interval, quality }
      return { t: timeOf(index), type, stream, body, note: { decided } }
    }
    case 'quality': {
      const { quality, reason, from } = observation
      return { t: timeOf(decided), type, stream, body: { channel, quality, reason, sample: { stream, index: from } }, note: {} }
    }
    case 'rhythm': {
      const { rhythm, on, index, confidence, beats, rate } = observation
      const body = { rhythm, on, sample: { stream, index }, confidence, ...given({ beats, rate }), evidence: evidence(observation, stream) }
      return { t: timeOf(decided), type, stream, body, note: {} }
    }
    case 'episode': {
      const { episode, on, index, confidence, value, unit } = observation
      const body = {
        episode,
        on,
        sample: { stream, index },
        confidence,
        ...given({ value, unit }),
        evidence: evidence(observation, stream),
      }
      return { t: timeOf(decided), type, stream, body, note: {} }
    }
  }
}

export function measurementEvent(
  observation: MeasurementObservation,
  stream: string,
  t: number,
  status: string,
  reason: string | undefined,
): PatientEvent {
  const { name, value, quality, algorithm, channel, from, to, low, high, held } = observation
  const body = {
    name,
    value,
    unit: catalogue[name].unit,
    quality,
    ...given({ low, high, held }),
    status,
    ...given({ reason }),
    method: algorithm,
    channel,
    from: { stream, index: from },
    to: { stream, index: to },
  }
  return { t, type: 'measurement', stream, body, note: {} }
}

/** What a measurement says of a vital sign; `questionable` where no living patient has been seen with such a value. */
export function readingOf(observation: MeasurementObservation, name: VitalName, device: string, spec: StreamSpec, t: number): VitalReading {
  const { value, quality, reason, algorithm, from, to } = observation
  const source = { device, stream: spec.id, kind: spec.kind, algorithm, from, to }
  return flagImplausible({ name, value, t, source, quality, status: 'valid', ...given({ reason }) })
}

function beatBody({ beatClass, confidence, reasons }: BeatObservation): Record<string, unknown> {
  return { class: beatClass, confidence, ...(reasons.length === 0 ? {} : { reasons: [...reasons] }) }
}

function evidence({ index, decided, from = index, to = decided }: RhythmObservation | EpisodeObservation, stream: string): unknown {
  return { from: { stream, index: from }, to: { stream, index: to } }
}

/** Without what is undefined: an event has no empty fields. */
function given<Fields extends Record<string, unknown>>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>
  }
}

import { Type } from 'typebox'
import { patientConditions } from '../signal/patient.js'

/** Parts of the routes' schemas. Times are microseconds, patient time unless a field says otherwise. */
const identifier = Type.String({ minLength: 1, maxLength: 200 })
const deviceId = Type.String({ pattern: '^[a-z0-9-]{1,64}$' })
const patientId = Type.String({ pattern: '^[A-Za-z0-9._-]{1,128}$' })
const reason = Type.String({ minLength: 1, maxLength: 1000, description: 'Why; goes into the journal and the audit trail' })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const scalar = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()])
const open = { additionalProperties: true }
const closed = { additionalProperties: false }

export const errorReply = Type.Object(
  { error: Type.Object({ code: Type.String(), message: Type.String(), accepted: Type.String() }) },
  open,
)

export const patientParams = Type.Object({ id: patientId })
export const alertParams = Type.Object({ id: identifier })
const time = Type.String({ pattern: '^-?\\d{1,16}$|^\\d{4}-\\d\\d-\\d\\dT', description: 'Microseconds of patient time, or ISO 8601' })
const limit = Type.String({ pattern: '^[1-9]\\d{0,5}$', description: 'Most rows; the newest are given' })

export const vitalsQuery = Type.Object(
  {
    from: Type.Optional(time),
    to: Type.Optional(time),
    names: Type.Optional(
      Type.String({ maxLength: 1000, description: 'Names of the signal catalogue, separated by commas; all when left out' }),
    ),
    step: Type.Optional(Type.String({ pattern: '^\\d{1,7}(\\.\\d{1,3})?$', description: 'Seconds of a bucket; points when left out' })),
    limit: Type.Optional(limit),
  },
  closed,
)
export const alertsQuery = Type.Object(
  {
    from: Type.Optional(time),
    to: Type.Optional(time),
    open: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
    limit: Type.Optional(limit),
  },
  closed,
)
export const scoresQuery = Type.Object(
  { from: Type.Optional(time), to: Type.Optional(time), score: Type.Optional(identifier), limit: Type.Optional(limit) },
  closed,
)
export const waveformQuery = Type.Object({ stream: identifier, from: time, to: time }, closed)
export const sessionsQuery = Type.Object({ patient: Type.Optional(patientId), limit: Type.Optional(limit) }, closed)

export const assignmentBody = Type.Object(
  {
    device: deviceId,
    patient: nullable(patientId),
    from: Type.Optional(Type.Integer({ minimum: 0, description: 'Microseconds UTC; now when left out' })),
    to: Type.Optional(Type.Integer({ minimum: 0, description: 'Microseconds UTC' })),
    reason,
  },
  closed,
)
export const attributesBody = Type.Object(
  {
    ageYears: nullable(Type.Number({ minimum: 0, maximum: 130 })),
    pregnant: nullable(Type.Boolean()),
    spo2Scale: Type.Union([Type.Literal(1), Type.Literal(2)]),
    limitProfile: identifier,
    conditions: Type.Optional(Type.Array(Type.Union(patientConditions.map(condition => Type.Literal(condition))), { uniqueItems: true })),
    reason,
  },
  closed,
)
export const limitsBody = Type.Object(
  { rules: Type.Record(identifier, Type.Record(identifier, Type.Union([Type.Number(), Type.Boolean(), Type.String()]))), reason },
  closed,
)
export const acknowledgeBody = Type.Object(
  { expectedRevision: Type.Integer({ minimum: 0 }), note: Type.Optional(Type.String({ maxLength: 1000 })) },
  closed,
)

export const qualityQuery = Type.Object(
  {
    patient: Type.Optional(patientId),
    device: Type.Optional(deviceId),
    from: Type.Optional(time),
    to: Type.Optional(time),
    limit: Type.Optional(limit),
  },
  closed,
)
export const reconciliationQuery = Type.Object({ patient: patientId, from: Type.Optional(time), to: Type.Optional(time) }, closed)
export const deviceQuery = Type.Object({ device: Type.Optional(deviceId) }, closed)
export const deviceParams = Type.Object({ id: deviceId })
export const issueParams = Type.Object({ id: identifier })
export const issuesQuery = Type.Object(
  {
    state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('assigned'), Type.Literal('resolved')])),
    device: Type.Optional(deviceId),
  },
  closed,
)
const patientMicros = Type.Integer({ minimum: 0, description: 'Microseconds of patient time' })
export const reportIssueBody = Type.Object(
  {
    device: deviceId,
    rule: Type.String({ pattern: '^[a-z0-9-]{1,64}$', description: 'What is wrong, in a word of your own' }),
    stream: Type.String({ maxLength: 64 }),
    from: patientMicros,
    to: patientMicros,
    reason,
  },
  closed,
)
export const assignIssueBody = Type.Object({ assignee: identifier, reason }, closed)
export const resolveIssueBody = Type.Object({ outcome: identifier, reason }, closed)
export const correctionBody = Type.Object(
  {
    what: Type.Union([
      Type.Object({ kind: Type.Literal('unit'), name: identifier, from: Type.String({ maxLength: 32 }), to: identifier }, closed),
      Type.Object({ kind: Type.Literal('invert'), stream: identifier, channel: identifier }, closed),
      Type.Object(
        {
          kind: Type.Literal('clock'),
          offsetMicros: Type.Integer({ description: 'Added to all times of the device from its next boot on' }),
        },
        closed,
      ),
    ]),
    reason,
  },
  closed,
)
export const undoBody = Type.Object({ device: deviceId, reason }, closed)

const sample = Type.Object({ stream: Type.String(), index: Type.Number() })
const alertReply = Type.Object(
  {
    id: Type.String(),
    patient: Type.String(),
    stream: Type.String(),
    condition: Type.String(),
    priority: Type.String(),
    kind: Type.String(),
    state: Type.String(),
    session: Type.String(),
    raised: Type.Boolean(),
    onset: Type.Number(),
    onsetAt: Type.Number(),
    end: nullable(Type.Number()),
    endReason: nullable(Type.String()),
    acknowledged: nullable(Type.Object({ by: Type.String(), at: Type.Number(), note: Type.String() })),
    revision: Type.Integer(),
    name: nullable(Type.String()),
    value: scalar,
    limit: Type.Union([Type.Number(), Type.String(), Type.Null()]),
    message: Type.String(),
    measurable: Type.Boolean(),
    evidence: nullable(Type.Object({ from: sample, to: sample })),
    delayed: Type.Boolean(),
  },
  open,
)
export const alertsReply = Type.Object({ patient: Type.String(), alerts: Type.Array(alertReply) })
export const anyObject = Type.Object({}, open)

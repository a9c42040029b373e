import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import type { PatientAttributes } from '../../signal/patient.js'
import { HttpError } from '../http-error.js'
import { alertView } from '../live-state.js'
import { readLimit, readNames, readRange, readStep, readTime } from '../query-values.js'
import {
  alertsQuery,
  alertsReply,
  anyObject,
  attributesBody,
  errorReply,
  patientParams,
  scoresQuery,
  vitalsQuery,
  waveformQuery,
} from '../schemas.js'
import { change, type RouteContext } from '../server-deps.js'

type Params = { Params: Static<typeof patientParams> }

/** Longest stretch of one answer; a longer one is asked for in parts. */
const longestWaveformSeconds = 3600

export function patientRoutes(app: FastifyInstance, context: RouteContext): void {
  const { engine, store, state, now } = context

  const listSchema = {
    summary: 'Patients as they are now',
    response: { 200: Type.Object({ patients: Type.Array(anyObject) }, { additionalProperties: true }), default: errorReply },
  }
  app.get('/api/v1/patients', { schema: listSchema }, async () => ({ now: now(), patients: state.view(engine.devices(), now()) }))

  const oneSchema = { summary: 'One patient as of now', params: patientParams, response: { 200: anyObject, default: errorReply } }
  app.get<Params>('/api/v1/patients/:id', { schema: oneSchema }, async request => {
    const view = state.view(engine.devices(), now(), id => id === request.params.id)[0]
    if (!view) throw unknownPatient(request.params.id)
    return view
  })

  const vitalsSchema = {
    summary: 'Vital signs: points, or buckets of `step` seconds',
    params: patientParams,
    querystring: vitalsQuery,
    response: { 200: Type.Object({ patient: Type.String(), series: Type.Array(anyObject) }), default: errorReply },
  }
  app.get<Params & { Querystring: Static<typeof vitalsQuery> }>('/api/v1/patients/:id/vitals', { schema: vitalsSchema }, async request => {
    const patient = known(request.params.id)
    const { query } = request
    const series = await store.vitals({
      patient,
      ...readRange(query),
      ...readNames(query.names),
      ...readStep(query.step),
      ...readLimit(query.limit),
    })
    return { patient, series }
  })

  const alertsSchema = {
    summary: 'Alerts that lasted in the range',
    params: patientParams,
    querystring: alertsQuery,
    response: { 200: alertsReply, default: errorReply },
  }
  app.get<Params & { Querystring: Static<typeof alertsQuery> }>('/api/v1/patients/:id/alerts', { schema: alertsSchema }, async request => {
    const patient = known(request.params.id)
    const { query } = request
    const range = readRange(query)
    const rows = new Map(
      (await store.alerts({ patient, ...range, openOnly: query.open === 'true', ...readLimit(query.limit) })).map(row => [row.id, row]),
    )
    // The live state may be ahead of the store; what it has of this patient is newer.
    for (const row of state.alerts.all()) {
      if (row.patient !== patient || row.onset >= (range.to ?? Number.POSITIVE_INFINITY)) continue
      const over = row.end !== null && (query.open === 'true' || row.end < (range.from ?? Number.NEGATIVE_INFINITY))
      if (over) rows.delete(row.id)
      else rows.set(row.id, row)
    }
    const alerts = [...rows.values()].sort((a, b) => a.onset - b.onset || (a.id < b.id ? -1 : 1)).map(alertView)
    return { patient, alerts: query.limit === undefined ? alerts : alerts.slice(-Number(query.limit)) }
  })

  const scoresSchema = {
    summary: 'Scores with their items',
    params: patientParams,
    querystring: scoresQuery,
    response: { 200: Type.Object({ patient: Type.String(), scores: Type.Array(anyObject) }), default: errorReply },
  }
  app.get<Params & { Querystring: Static<typeof scoresQuery> }>('/api/v1/patients/:id/scores', { schema: scoresSchema }, async request => {
    const patient = known(request.params.id)
    const { query } = request
    const score = query.score === undefined ? {} : { score: query.score }
    return { patient, scores: await store.scores({ patient, ...readRange(query), ...score, ...readLimit(query.limit) }) }
  })

  const waveformSchema = {
    summary: 'Samples of one stream, at most an hour; a missing sample is null',
    params: patientParams,
    querystring: waveformQuery,
    response: { 200: anyObject, default: errorReply },
  }
  app.get<Params & { Querystring: Static<typeof waveformQuery> }>(
    '/api/v1/patients/:id/waveform',
    { schema: waveformSchema },
    async request => {
      const patient = known(request.params.id)
      const { stream } = request.query
      const range = { from: readTime('from', request.query.from), to: readTime('to', request.query.to) }
      if (range.from >= range.to || range.to - range.from > longestWaveformSeconds * 1e6) {
        throw new HttpError(400, 'bad-request', 'the range is empty or too long', `from < to <= from + ${longestWaveformSeconds} s`)
      }
      const segments = await store.segments({ patient, stream, ...range })
      const stretches = await engine.readWaveform(segments, range)
      // NaN is not JSON: JSON.stringify makes it null.
      return { patient, stream, stretches: stretches.map(stretch => ({ ...stretch, values: Array.from(stretch.values) })) }
    },
  )

  const attributesSchema = {
    summary: 'What scores and limits must know of a patient',
    params: patientParams,
    body: attributesBody,
    response: { 200: anyObject, default: errorReply },
  }
  app.put<Params & { Body: Static<typeof attributesBody> }>(
    '/api/v1/patients/:id/attributes',
    { schema: attributesSchema },
    async request => {
      const patient = request.params.id
      const { reason, ...attributes } = request.body
      const event = await change(context, request, {
        what: 'patient.attributes',
        subject: patient,
        old: state.attributes(patient),
        new: attributes,
        why: reason,
        act: actor => engine.setAttributes({ patient, attributes: attributes as PatientAttributes, author: actor.name, reason }),
      })
      return { patient, attributes, event: event.id }
    },
  )

  function known(id: string): string {
    if (state.has(id) || engine.assignments().some(assignment => assignment.patient === id)) return id
    throw unknownPatient(id)
  }
}

function unknownPatient(id: string): HttpError {
  return new HttpError(404, 'no-such-patient', `there is no patient ${JSON.stringify(id)}`, 'the ids of /api/v1/patients')
}

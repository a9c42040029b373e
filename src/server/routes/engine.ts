import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { HttpError } from '../http-error.js'
import { readLimit } from '../query-values.js'
import { anyObject, assignmentBody, errorReply, limitsBody, sessionsQuery } from '../schemas.js'
import { change, type RouteContext } from '../server-deps.js'

/** Sessions, assignments and limits. */
export function engineRoutes(app: FastifyInstance, context: RouteContext): void {
  const { engine, store } = context

  const sessionsSchema = {
    summary: 'Sessions with their event hashes, oldest first',
    querystring: sessionsQuery,
    response: { 200: Type.Object({ sessions: Type.Array(anyObject) }), default: errorReply },
  }
  app.get<{ Querystring: Static<typeof sessionsQuery> }>('/api/v1/sessions', { schema: sessionsSchema }, async request => {
    const { patient } = request.query
    const stored = await store.sessions({ ...(patient === undefined ? {} : { patient }), ...readLimit(request.query.limit) })
    const sessions = new Map<string, object>(stored.map(({ device, ...row }) => [row.session, { ...row, devices: [device] }]))
    // The engine knows its own sessions at once; the store keeps those of before.
    for (const session of engine.sessions())
      if (patient === undefined || session.patient === patient) sessions.set(session.session, session)
    const all = [...sessions.values()]
    return { sessions: request.query.limit === undefined ? all : all.slice(-Number(request.query.limit)) }
  })

  const listSchema = {
    summary: 'Which device is whose',
    response: { 200: Type.Object({ assignments: Type.Array(anyObject) }), default: errorReply },
  }
  app.get('/api/v1/assignments', { schema: listSchema }, async () => ({ assignments: engine.assignments() }))

  const assignSchema = {
    summary: 'Give a device to a patient, or to nobody',
    body: assignmentBody,
    response: { 201: anyObject, default: errorReply },
  }
  app.post<{ Body: Static<typeof assignmentBody> }>('/api/v1/assignments', { schema: assignSchema }, async (request, reply) => {
    const { device, patient, from, to, reason } = request.body
    if (from !== undefined && to !== undefined && from >= to) throw new HttpError(400, 'bad-request', 'from is not before to', 'from < to')
    const assignment = await change(context, request, {
      what: 'assignment.set',
      subject: device,
      old: engine.assignments().filter(own => own.device === device && own.to === null),
      new: { device, patient, from, to },
      why: reason,
      act: actor =>
        engine.assign({
          device,
          patient,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          author: actor.name,
          reason,
        }),
    })
    return reply.code(201).send(assignment)
  })

  const limitsSchema = {
    summary: 'Change alert limits for all patients: rule id to its changed fields',
    body: limitsBody,
    response: { 200: anyObject, default: errorReply },
  }
  app.put<{ Body: Static<typeof limitsBody> }>('/api/v1/limits', { schema: limitsSchema }, async request => {
    const { rules, reason } = request.body
    const checked = context.checkLimits(rules)
    await change(context, request, {
      what: 'limits.set',
      subject: 'all',
      old: context.state.limits,
      new: checked,
      why: reason,
      act: actor => engine.setLimits({ rules: checked, author: actor.name, reason }),
    })
    return { rules: checked }
  })
}

import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { HttpError } from '../http-error.js'
import { acknowledgeBody, alertParams, errorReply } from '../schemas.js'
import { change, type RouteContext } from '../server-deps.js'

const acknowledgeReply = Type.Object({
  alert: Type.String(),
  revision: Type.Integer(),
  acknowledged: Type.Object({ by: Type.String(), at: Type.Number(), note: Type.String() }),
})

export function alertRoutes(app: FastifyInstance, context: RouteContext): void {
  const schema = {
    summary: 'Acknowledge an alert as it was seen',
    description: 'Compare-and-set: 409 with the current revision when the alert has changed since, or is not to be acknowledged.',
    params: alertParams,
    body: acknowledgeBody,
    response: { 200: acknowledgeReply, default: errorReply },
  }
  app.post<{ Params: Static<typeof alertParams>; Body: Static<typeof acknowledgeBody> }>(
    '/api/v1/alerts/:id/acknowledge',
    { schema },
    async request => {
      const { id } = request.params
      const { expectedRevision, note = '' } = request.body
      const row = context.state.alerts.byId(id)
      if (!row)
        throw new HttpError(404, 'no-such-alert', `there is no alert ${JSON.stringify(id)}`, 'the ids of /api/v1/patients/{id}/alerts')
      let author = ''
      const event = await change(context, request, {
        what: 'alert.acknowledge',
        subject: id,
        old: { revision: row.revision, acknowledged: row.acknowledged },
        new: { expectedRevision, note },
        why: note,
        act: actor => {
          author = actor.name
          return context.engine.acknowledge({ patient: row.patient, alert: id, expectedRevision, author, note })
        },
        accepted: outcome => outcome.body.accepted === true,
      })
      const revision = Number(event.body.revision ?? context.state.alerts.byId(id)?.revision ?? 0)
      if (event.body.accepted !== true) {
        const why = String(event.body.reason ?? 'revision-moved')
        if (why === 'no-such-alert') throw new HttpError(404, why, `alert ${id} is over`, 'an alert that is active, clearing or latched')
        throw new HttpError(
          409,
          why,
          `alert ${id} was not acknowledged: ${why}; it is at revision ${revision}`,
          `expectedRevision ${revision}, if that is still what is meant`,
          { revision },
        )
      }
      return { alert: id, revision, acknowledged: { by: author, at: event.at, note } }
    },
  )
}

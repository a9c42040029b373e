import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { VitalwireError } from '../errors.js'

/** An answer other than success: what went wrong, and what is accepted. `more` goes beside the error. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly accepted: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.name = 'HttpError'
  }
}

interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly accepted: string }
}

/** Every error leaves as `{error: {code, message, accepted}}`; what was not foreseen says nothing of the inside. */
export function installErrorReplies(app: FastifyInstance): void {
  app.setErrorHandler((problem, request, reply) => {
    const known = knownError(problem as FastifyError)
    if (known.status >= 500) request.log.error({ err: problem }, 'a request failed')
    return send(reply, known)
  })
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?')[0]
    return send(reply, new HttpError(404, 'not-found', `${request.method} ${path} is not here`, 'the paths of /api/v1/openapi.json'))
  })
}

function send(reply: FastifyReply, problem: HttpError): FastifyReply {
  const body: ErrorBody = { error: { code: problem.code, message: problem.message, accepted: problem.accepted } }
  return reply.code(problem.status).send({ ...body, ...problem.more })
}

function knownError(problem: FastifyError): HttpError {
  if (problem instanceof HttpError) return problem
  if (problem instanceof VitalwireError) {
    return new HttpError(problem.exitCode === 2 ? 400 : 503, problem.code, problem.message, 'see the message')
  }
  const validation = problem.validation?.[0]
  if (validation) {
    const where = `${problem.validationContext ?? 'request'}${validation.instancePath}`
    const accepted = Object.keys(validation.params).length > 0 ? JSON.stringify(validation.params) : 'see /api/v1/openapi.json'
    return new HttpError(400, 'bad-request', `${where} ${validation.message ?? 'is not valid'}`, accepted)
  }
  if (problem.statusCode === 429) return new HttpError(429, 'too-many-requests', problem.message, 'fewer requests a minute')
  if (problem.statusCode === 413) return new HttpError(413, 'body-too-large', 'the body is larger than is read', 'at most 64 KiB')
  if (problem.statusCode === 415) return new HttpError(415, 'media-type', 'the body is of another type', 'application/json')
  if (problem.statusCode !== undefined && problem.statusCode < 500) {
    return new HttpError(problem.statusCode, 'bad-request', problem.message, 'see /api/v1/openapi.json')
  }
  return new HttpError(500, 'internal', 'the request failed inside the engine; its log says why', 'try again')
}

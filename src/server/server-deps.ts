import type { FastifyRequest } from 'fastify'
import type { Store } from '../store/store.js'
import type { StoreLag } from '../store/store-consumer.js'
import type { Access, Actor } from './access.js'
import type { AuditEntry, AuditLog } from './audit.js'
import type { EnginePort, LimitChanges } from './engine-port.js'
import type { FeedHub } from './feed-hub.js'
import { HttpError } from './http-error.js'
import type { LiveState } from './live-state.js'
import type { QualityKeeper } from './quality-keeper.js'

/** What the routes share. */
export interface RouteContext {
  readonly engine: EnginePort
  readonly store: Store
  readonly storeLags: () => readonly StoreLag[]
  readonly state: LiveState
  readonly hub: FeedHub
  readonly quality: QualityKeeper
  readonly audit: AuditLog
  readonly access: Access
  readonly version: string
  readonly kernel: string
  /** Refuses rules and fields that are not there with a VitalwireError. */
  readonly checkLimits: (rules: unknown) => LimitChanges
  /** Wall time, microseconds. */
  readonly now: () => number
}

interface Change<T> {
  readonly what: string
  readonly subject: string
  readonly old: unknown
  readonly new: unknown
  readonly why: string
  readonly act: (actor: Actor) => Promise<T>
  /** Whether it took effect; true when left out. */
  readonly accepted?: (result: T) => boolean
}

/**
 * The only way in which a route changes anything: identify, act, and write exactly one record, whatever came of it. The
 * engine's journal has the change itself with its author and reason before the trail does.
 */
export async function change<T>(context: RouteContext, request: FastifyRequest, options: Change<T>): Promise<T> {
  const actor = context.access.identify(request)
  const entry = (outcome: AuditEntry['outcome']): AuditEntry => ({
    who: actor.name,
    verified: actor.verified,
    from: request.ip,
    what: options.what,
    subject: options.subject,
    old: options.old,
    new: options.new,
    why: options.why,
    outcome,
  })
  let result: T
  try {
    result = await options.act(actor)
  } catch (problem) {
    writeAudit(context.audit, entry('failed'))
    throw problem
  }
  writeAudit(context.audit, entry(options.accepted?.(result) === false ? 'refused' : 'done'))
  return result
}

function writeAudit(audit: AuditLog, entry: AuditEntry): void {
  try {
    audit.append(entry)
  } catch (problem) {
    throw new HttpError(
      503,
      'audit-write',
      `done as far as the engine goes, but the audit trail cannot be written: ${(problem as Error).message}`,
      'a writable data folder',
    )
  }
}

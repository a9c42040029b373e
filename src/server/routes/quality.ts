import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import type { CorrectionKind } from '../../quality/correction.js'
import type { IssueView } from '../../quality/quality-book.js'
import { addReports, coverageOf, qualityOf } from '../../quality/quality-report.js'
import { qualityRules } from '../../quality/rules.js'
import { catalogue, isVitalName } from '../../signal/catalogue.js'
import { reconcile } from '../../store/reconcile.js'
import type { QualityRow } from '../../store/store.js'
import { toCatalogueUnit } from '../../wire/ucum.js'
import { HttpError } from '../http-error.js'
import { readLimit, readRange } from '../query-values.js'
import {
  anyObject,
  assignIssueBody,
  correctionBody,
  deviceParams,
  deviceQuery,
  errorReply,
  issueParams,
  issuesQuery,
  qualityQuery,
  reconciliationQuery,
  reportIssueBody,
  resolveIssueBody,
  undoBody,
} from '../schemas.js'
import { change, type RouteContext } from '../server-deps.js'

/** A store takes its rows well within this; what is newer is not counted. */
const settledMicros = 60e6
const mostBytesBehind = 1024 * 1024

const listOf = (name: string) => ({ 200: Type.Object({ [name]: Type.Array(anyObject) }), default: errorReply })

/** Quality by device and hour and by model, the rules, the review queue of issues, and corrections. */
export function qualityRoutes(app: FastifyInstance, context: RouteContext): void {
  const { engine, store, quality, hub } = context
  hourRoutes()
  issueRoutes(app, context)
  correctionRoutes(app, context)

  function hourRoutes(): void {
    const hoursSchema = { summary: 'Quality by patient, device and hour of receipt', querystring: qualityQuery, response: listOf('hours') }
    app.get<{ Querystring: Static<typeof qualityQuery> }>('/api/v1/quality', { schema: hoursSchema }, async request => {
      const { patient, device, limit } = request.query
      const filter = { ...(patient === undefined ? {} : { patient }), ...(device === undefined ? {} : { device }) }
      return { hours: sumHours(await store.quality({ ...filter, ...readRange(request.query), ...readLimit(limit) })) }
    })

    const devicesSchema = {
      summary: 'Counts by device and rule since the book of quality was begun',
      querystring: deviceQuery,
      response: listOf('devices'),
    }
    app.get<{ Querystring: Static<typeof deviceQuery> }>('/api/v1/quality/devices', { schema: devicesSchema }, async request => {
      await hub.caughtUp()
      return { devices: quality.book.devices(request.query) }
    })

    const modelsSchema = { summary: 'Quality by device model and firmware over six hours, with control limits', response: listOf('models') }
    app.get('/api/v1/quality/models', { schema: modelsSchema }, async () => {
      await hub.caughtUp()
      return { models: quality.book.fleet() }
    })

    const reconcileSchema = {
      summary: 'Counts of the event log against those of the store, by session, hour and sign of one patient',
      description: 'Reads the whole event log. Events of the last minute are left out; `ok` is false when the store lacks points.',
      querystring: reconciliationQuery,
      response: { 200: anyObject, default: errorReply },
    }
    app.get<{ Querystring: Static<typeof reconciliationQuery> }>('/api/v1/reconciliation', { schema: reconcileSchema }, async request => {
      const { patient } = request.query
      const behind = context.storeLags().find(lag => (lag.bytesBehind ?? 0) > mostBytesBehind)
      if (behind !== undefined)
        throw new HttpError(
          409,
          'store-behind',
          `store ${behind.store} is ${behind.bytesBehind} bytes behind`,
          'a store that has caught up',
        )
      const reader = engine.events(null, { maxEvents: 1000 })
      try {
        return await reconcile(reader, store, patient, context.now() - settledMicros, readRange(request.query))
      } finally {
        reader.close()
      }
    })

    const rulesSchema = { summary: 'The rules, and from how many breaches an hour on they open an issue', response: listOf('rules') }
    app.get('/api/v1/quality/rules', { schema: rulesSchema }, async () => ({ rules: qualityRules }))
  }
}

function issueRoutes(app: FastifyInstance, context: RouteContext): void {
  const { engine, quality, hub } = context
  const { book } = quality

  const listSchema = { summary: 'The review queue of data-quality issues', querystring: issuesQuery, response: listOf('issues') }
  app.get<{ Querystring: Static<typeof issuesQuery> }>('/api/v1/issues', { schema: listSchema }, async request => {
    await hub.caughtUp()
    return { issues: book.issues(request.query) }
  })

  const openSchema = {
    summary: 'Report an issue that no rule finds',
    body: reportIssueBody,
    response: { 201: anyObject, default: errorReply },
  }
  app.post<{ Body: Static<typeof reportIssueBody> }>('/api/v1/issues', { schema: openSchema }, async (request, reply) => {
    const { device, rule, stream, from, to, reason } = request.body
    if (to < from) throw new HttpError(400, 'bad-request', 'to is before from', 'from <= to')
    knownDevice(context, device)
    const event = await change(context, request, {
      what: 'issue.open',
      subject: device,
      old: null,
      new: { rule, stream, from, to },
      why: reason,
      act: actor => engine.stepIssue({ device, step: { action: 'open', rule, stream, from, to }, author: actor.name, reason }),
      accepted: event => event !== null,
    })
    if (event === null)
      throw new HttpError(409, 'issue-open', `${device} has an open issue "${rule}" already`, 'another word, or the open issue')
    return reply.code(201).send(event.body)
  })

  const step = async (
    request: Parameters<typeof change>[1],
    id: string,
    to: { action: 'assign'; assignee: string } | { action: 'resolve'; outcome: string },
    reason: string,
  ): Promise<unknown> => {
    await hub.caughtUp()
    const issue = book.issue(id)
    if (issue === null) throw new HttpError(404, 'no-such-issue', `there is no issue ${JSON.stringify(id)}`, 'the ids of /api/v1/issues')
    if (issue.state === 'resolved')
      throw new HttpError(409, 'issue-resolved', `issue ${id} is resolved`, 'an issue that is open or assigned')
    const done = await change(context, request, {
      what: `issue.${to.action}`,
      subject: id,
      old: { state: issue.state, assignee: issue.assignee },
      new: to,
      why: reason,
      act: async actor =>
        issue.group === null
          ? ((await engine.stepIssue({ device: issue.device, step: { ...to, issue: id }, author: actor.name, reason }))?.body ?? null)
          : stepGroup(context, issue, to, actor.name, reason),
      accepted: body => body !== null,
    })
    if (done === null) throw new HttpError(409, 'issue-resolved', `issue ${id} is resolved`, 'an issue that is open or assigned')
    return done
  }

  const assignSchema = {
    summary: 'Assign an issue to somebody',
    params: issueParams,
    body: assignIssueBody,
    response: { 200: anyObject, default: errorReply },
  }
  app.post<{ Params: Static<typeof issueParams>; Body: Static<typeof assignIssueBody> }>(
    '/api/v1/issues/:id/assign',
    { schema: assignSchema },
    async request => step(request, request.params.id, { action: 'assign', assignee: request.body.assignee }, request.body.reason),
  )

  const resolveSchema = {
    summary: 'Resolve an issue with what was found; of a group, those that it stands for too',
    params: issueParams,
    body: resolveIssueBody,
    response: { 200: anyObject, default: errorReply },
  }
  app.post<{ Params: Static<typeof issueParams>; Body: Static<typeof resolveIssueBody> }>(
    '/api/v1/issues/:id/resolve',
    { schema: resolveSchema },
    async request => step(request, request.params.id, { action: 'resolve', outcome: request.body.outcome }, request.body.reason),
  )
}

async function stepGroup(
  { engine, quality }: RouteContext,
  group: IssueView,
  to: { action: 'assign'; assignee: string } | { action: 'resolve'; outcome: string },
  author: string,
  reason: string,
): Promise<Record<string, unknown>> {
  for (const member of group.members) {
    const issue = quality.book.issue(member)
    if (issue !== null) await engine.stepIssue({ device: issue.device, step: { ...to, issue: member }, author, reason })
  }
  const { device: _, patient: __, members: ___, openedAt: ____, changedAt: _____, ...body } = group
  const stepped =
    to.action === 'assign'
      ? { ...body, state: 'assigned', assignee: to.assignee, author, reason }
      : { ...body, state: 'resolved', outcome: to.outcome, author, reason }
  engine.sayIssue(stepped)
  return stepped
}

function correctionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { engine, quality, hub } = context

  const listSchema = { summary: 'The log of corrections, oldest first', querystring: deviceQuery, response: listOf('corrections') }
  app.get<{ Querystring: Static<typeof deviceQuery> }>('/api/v1/corrections', { schema: listSchema }, async request => {
    await hub.caughtUp()
    return { corrections: quality.book.corrections(request.query.device) }
  })

  const makeSchema = {
    summary: 'Correct what a device sends, from now on; the raw data stays as it is',
    params: deviceParams,
    body: correctionBody,
    response: { 201: anyObject, default: errorReply },
  }
  app.post<{ Params: Static<typeof deviceParams>; Body: Static<typeof correctionBody> }>(
    '/api/v1/devices/:id/corrections',
    { schema: makeSchema },
    async (request, reply) => {
      const device = request.params.id
      const { reason } = request.body
      const what = checkCorrection(context, device, request.body.what)
      const event = await change(context, request, {
        what: 'correction.make',
        subject: device,
        old: null,
        new: what,
        why: reason,
        act: actor => engine.correct({ device, change: { make: what }, author: actor.name, reason }),
        accepted: event => event !== null,
      })
      if (event === null)
        throw new HttpError(409, 'already-corrected', `${device} has such a correction in force`, 'undo the one in force first')
      return reply.code(201).send(event.body)
    },
  )

  const undoSchema = {
    summary: 'Take a correction back, from now on',
    params: issueParams,
    body: undoBody,
    response: { 200: anyObject, default: errorReply },
  }
  app.post<{ Params: Static<typeof issueParams>; Body: Static<typeof undoBody> }>(
    '/api/v1/corrections/:id/undo',
    { schema: undoSchema },
    async request => {
      const { id } = request.params
      const { device, reason } = request.body
      knownDevice(context, device)
      const event = await change(context, request, {
        what: 'correction.undo',
        subject: id,
        old: { device },
        new: null,
        why: reason,
        act: actor => engine.correct({ device, change: { undo: id }, author: actor.name, reason }),
        accepted: event => event !== null,
      })
      if (event === null)
        throw new HttpError(404, 'no-such-correction', `${device} has no correction ${JSON.stringify(id)} in force`, '/api/v1/corrections')
      return event.body
    },
  )
}

function knownDevice({ engine }: RouteContext, id: string) {
  const device = engine.devices().find(candidate => candidate.device === id)
  if (device === undefined)
    throw new HttpError(404, 'no-such-device', `there is no device ${JSON.stringify(id)}`, 'a device that has connected')
  return device
}

/** Refuses what could never take effect; a person may know a unit that no rule could tell. */
function checkCorrection(context: RouteContext, id: string, what: Static<typeof correctionBody>['what']): CorrectionKind {
  const device = knownDevice(context, id)
  if (what.kind === 'clock') return what
  if (what.kind === 'invert') {
    const stream = device.streams.find(candidate => candidate.id === what.stream)
    const lead = stream?.kind === 'ecg' && stream.channels.includes(what.channel)
    if (lead) return what
    const leads = device.streams.flatMap(({ id: name, kind, channels }) =>
      kind === 'ecg' ? channels.map(channel => `${name} ${channel}`) : [],
    )
    throw new HttpError(
      400,
      'bad-request',
      `${id} has no ECG lead ${what.stream} ${what.channel}`,
      leads.join(', ') || 'a device with an ECG',
    )
  }
  const { name, from, to } = what
  if (!isVitalName(name) || catalogue[name].possible === null)
    throw new HttpError(400, 'bad-request', `${name} is no number of the signal catalogue`, 'a name such as temperature')
  for (const unit of [from, to])
    if (toCatalogueUnit(name, 1, unit) === null)
      throw new HttpError(
        400,
        'bad-request',
        `${JSON.stringify(unit)} is no unit of ${name}`,
        `${catalogue[name].unit}, or a unit that it is taken in`,
      )
  if (from === to)
    throw new HttpError(400, 'bad-request', 'from and to are the same unit', 'the unit that the device labels, and the one it means')
  return { kind: 'unit', name, from, to }
}

/** Reports of one patient, device and hour together, with their coverage and mean quality. */
function sumHours(rows: readonly QualityRow[]): Record<string, unknown>[] {
  const hours = new Map<string, QualityRow>()
  for (const row of rows) {
    const key = JSON.stringify([row.patient, row.device, row.report.hour, row.report.model, row.report.firmware])
    const before = hours.get(key)
    hours.set(key, before === undefined ? row : { ...row, report: addReports(before.report, row.report) })
  }
  return [...hours.values()].map(({ patient, device, report }) => ({
    patient,
    device,
    coverage: coverageOf(report),
    quality: qualityOf(report),
    ...report,
  }))
}

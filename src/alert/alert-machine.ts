import type { AlertRule } from './alert-rule.js'

export type Finding = 'true' | 'false' | 'unknown'
export type AlertPhase = 'absent' | 'pending' | 'active' | 'clearing' | 'latched'

/** A pending alert whose finding stays unknown for this long is let go; the technical alert speaks. */
const pendingUnknownSeconds = 30

/** The state of one alert condition: plain data. All times are patient time in microseconds. */
export interface AlertState {
  readonly phase: AlertPhase
  /** When the phase was entered; 0 before the first transition. */
  readonly since: number
  /** When this episode first became active; null while absent or pending. */
  readonly onset: number | null
  /** Counts the episodes (absent to pending or active), from 1. */
  readonly episode: number
  /** Goes up with every change, over all episodes; an acknowledgement names the one that it saw. */
  readonly revision: number
  readonly acknowledged: boolean
  /** False while active or clearing and the finding is unknown; true in all other phases. */
  readonly measurable: boolean
  /** The newest finding and since when it has been that. */
  readonly finding: Finding
  readonly findingSince: number
  /** Microseconds of the clear delay that had run when the finding became unknown; 0 outside `clearing`. */
  readonly cleared: number
}

export const absentAlert: AlertState = {
  phase: 'absent',
  since: 0,
  onset: null,
  episode: 0,
  revision: 0,
  acknowledged: false,
  measurable: true,
  finding: 'unknown',
  findingSince: 0,
  cleared: 0,
}

/** One change of an alert: of its phase (`from` differs from `to`), of `measurable`, or an acknowledgement. */
export interface AlertChange {
  readonly cause: 'phase' | 'measurable' | 'acknowledged'
  readonly from: AlertPhase
  readonly to: AlertPhase
  /** Patient time, microseconds. */
  readonly t: number
  /** The state's revision after this change. */
  readonly revision: number
}

export interface AlertStep {
  readonly state: AlertState
  /** In order; empty when nothing but the bookkeeping moved. */
  readonly changes: readonly AlertChange[]
}

type Delays = Pick<AlertRule, 'onsetDelaySeconds' | 'clearDelaySeconds' | 'latches'>

/**
 * Steps a condition by one finding at patient time `now`, which never goes back. A delay is over when `now` has reached
 * it, so a caller steps at `nextDeadline()` with the finding that then holds, before anything later.
 *
 * A clear delay of zero is over when the condition clears: both changes happen in the one step.
 */
export function stepAlert(rule: Delays, state: AlertState, finding: Finding, now: number): AlertStep {
  const changes: AlertChange[] = []
  const held = state.finding === finding ? state : noteFinding(state, finding, now)
  let next = held
  switch (held.phase) {
    case 'absent':
      if (finding === 'true') next = enter(held, delayMicros(rule.onsetDelaySeconds) > 0 ? 'pending' : 'active', now, changes)
      break
    case 'pending':
      if (finding === 'false') next = enter(held, 'absent', now, changes)
      else if (finding === 'true' && now - held.since >= delayMicros(rule.onsetDelaySeconds)) next = enter(held, 'active', now, changes)
      else if (finding === 'unknown' && now - held.findingSince >= pendingUnknownSeconds * 1e6) next = enter(held, 'absent', now, changes)
      break
    case 'active':
      next = markMeasurable(held, finding, now, changes)
      if (finding === 'false') next = clearWhenOver(rule, enter(next, 'clearing', now, changes), now, changes)
      break
    case 'clearing':
      next = markMeasurable(held, finding, now, changes)
      if (finding === 'true') next = enter(next, 'active', now, changes)
      else if (finding === 'false') next = clearWhenOver(rule, next, now, changes)
      break
    case 'latched':
      // Nobody has acknowledged a latched alert: that would have ended it.
      if (finding === 'true') next = enter(held, 'active', now, changes)
      break
  }
  return { state: next, changes }
}

/** The patient time at which the state must be stepped even if nothing new comes; null when it only waits for findings. */
export function nextDeadline(rule: Delays, state: AlertState): number | null {
  if (state.phase === 'pending') {
    if (state.finding === 'true') return state.since + delayMicros(rule.onsetDelaySeconds)
    return state.findingSince + pendingUnknownSeconds * 1e6
  }
  if (state.phase === 'clearing' && state.finding === 'false') {
    return state.findingSince + Math.max(0, delayMicros(rule.clearDelaySeconds) - state.cleared)
  }
  return null
}

export type Acknowledgement =
  | ({ readonly accepted: true } & AlertStep)
  | {
      readonly accepted: false
      readonly reason: 'nothing-to-acknowledge' | 'already-acknowledged' | 'revision-moved'
      readonly state: AlertState
    }

/**
 * Compare-and-set: only who saw the newest revision acknowledges. An active or clearing alert goes on, acknowledged; a
 * latched one ends. A pending alert has told nobody anything yet.
 */
export function acknowledgeAlert(state: AlertState, expectedRevision: number, now: number): Acknowledgement {
  if (state.phase === 'absent' || state.phase === 'pending') return { accepted: false, reason: 'nothing-to-acknowledge', state }
  if (state.revision !== expectedRevision) return { accepted: false, reason: 'revision-moved', state }
  if (state.acknowledged) return { accepted: false, reason: 'already-acknowledged', state }
  const changes: AlertChange[] = []
  const revision = state.revision + 1
  changes.push({ cause: 'acknowledged', from: state.phase, to: state.phase, t: now, revision })
  const acknowledged: AlertState = { ...state, acknowledged: true, revision }
  return { accepted: true, state: state.phase === 'latched' ? enter(acknowledged, 'absent', now, changes) : acknowledged, changes }
}

/** The rule is gone: whatever the phase, the alert ends now. A latched one has nobody left to acknowledge it to. */
export function endAlert(state: AlertState, now: number): AlertStep {
  const changes: AlertChange[] = []
  return { state: state.phase === 'absent' ? state : enter(state, 'absent', now, changes), changes }
}

/** A change of finding. Leaving `false` while clearing stops the clear delay where it stands. */
function noteFinding(state: AlertState, finding: Finding, now: number): AlertState {
  const ran = state.phase === 'clearing' && state.finding === 'false' ? now - state.findingSince : 0
  return { ...state, finding, findingSince: now, cleared: state.cleared + ran }
}

function enter(state: AlertState, to: AlertPhase, now: number, changes: AlertChange[]): AlertState {
  const revision = state.revision + 1
  changes.push({ cause: 'phase', from: state.phase, to, t: now, revision })
  const entered = { ...state, phase: to, since: now, revision, cleared: 0, measurable: true }
  if (to === 'absent') return { ...entered, onset: null, acknowledged: false }
  const begins = state.phase === 'absent'
  return {
    ...entered,
    episode: begins ? state.episode + 1 : state.episode,
    onset: to === 'active' ? (state.onset ?? now) : state.onset,
  }
}

function markMeasurable(state: AlertState, finding: Finding, now: number, changes: AlertChange[]): AlertState {
  const measurable = finding !== 'unknown'
  if (state.measurable === measurable) return state
  const revision = state.revision + 1
  changes.push({ cause: 'measurable', from: state.phase, to: state.phase, t: now, revision })
  return { ...state, measurable, revision }
}

function clearWhenOver(rule: Delays, state: AlertState, now: number, changes: AlertChange[]): AlertState {
  const ran = state.cleared + (now - state.findingSince)
  if (ran < delayMicros(rule.clearDelaySeconds)) return state
  return enter(state, rule.latches && !state.acknowledged ? 'latched' : 'absent', now, changes)
}

function delayMicros(seconds: number): number {
  return Math.round(seconds * 1e6)
}

/** How the page knows whether it is looking at now. All times in milliseconds of one steady clock of the page. */
export interface LinkFacts {
  /** Socket open and subscribed. */
  readonly open: boolean
  /** Last sign of the engine: any message of the feed, or an answer to a probe. */
  readonly lastContact: number
  /** Last message of the feed itself. */
  readonly lastMessage: number
  /** Last heartbeat with a self-check whose sequence went up; at first: when the page was opened. */
  readonly lastSelfCheck: number
}

export interface LinkState {
  readonly connected: boolean
  /** Numbers are shown as of then, grey. */
  readonly grey: boolean
  /** And struck through. */
  readonly struck: boolean
  /** No self-check for too long: nobody may rely on alerts coming. */
  readonly notMonitored: boolean
  /** Since the last contact. */
  readonly lostMs: number
}

/** Without any message for so long the page asks the engine (`/api/v1/health`) whether it is there. */
export const probeAfterMs = 1200
/** A probe that takes longer has failed: what is left of the promised 3 s is for drawing. */
export const probeTimeoutMs = 1000
/** Without contact for so long the feed counts as lost even if the socket says nothing. */
const lostAfterMs = 2500
/** Heartbeats come every 5 s: without any for so long the socket is dead even if the engine answers probes. */
export const silentAfterMs = 12_000
const struckAfterMs = 10_000
const selfCheckAfterMs = 15_000

export function judgeLink(facts: LinkFacts, now: number): LinkState {
  const lostMs = Math.max(0, now - facts.lastContact)
  const connected = facts.open && lostMs < lostAfterMs && now - facts.lastMessage < silentAfterMs
  return {
    connected,
    grey: !connected,
    struck: !connected && lostMs >= struckAfterMs,
    notMonitored: now - facts.lastSelfCheck >= selfCheckAfterMs,
    lostMs,
  }
}

/** How long to wait before connection attempt `attempt` (0: the first again); `spread` is random, 0 to 1. */
export function reconnectDelayMs(attempt: number, spread: number): number {
  return Math.min(5000, 250 * 2 ** attempt) * (0.75 + 0.5 * spread)
}

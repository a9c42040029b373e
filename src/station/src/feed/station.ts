import type { ServerMessage } from '../../../server/feed-protocol.js'
import { WaveDesk } from '../wave/wave-desk.js'
import { FeedConnection } from './feed-connection.js'
import { judgeLink, type LinkState, silentAfterMs } from './link-rules.js'
import { applyMessage, emptyWard, forgetMissed, type Ward } from './ward-state.js'

export interface StationView {
  readonly ward: Ward
  readonly link: LinkState
  /** The engine's wall time now, microseconds; runs on by the page's clock while there is no contact, so that ages grow. */
  readonly engineNow: number
  readonly outage: { readonly lengthMs: number; readonly resumed: boolean } | null
}

/** Numbers are painted at most four times a second; what matters more, at once. */
const calmMs = 250

/** The page's state: what the feed said, whether it is still saying it, and who is to be told of changes. */
export class Station {
  readonly waves = new WaveDesk()
  private ward: Ward = emptyWard
  private open = false
  private lastContact = performance.now()
  private lastMessage = performance.now()
  private lastSelfCheck = performance.now()
  /** Engine time less page time, microseconds. */
  private clockOffset = Date.now() * 1000 - performance.now() * 1000
  /** Engine times between which the page was away; while what was missed is coming in. */
  private away: { lostAt: number; backAt: number } | null = null
  private outage: StationView['outage'] = null
  private lostAt: number | null = null
  private listener: () => void = () => {}
  private pending: ReturnType<typeof setTimeout> | undefined
  private readonly connection: FeedConnection
  private readonly ticker: ReturnType<typeof setInterval>
  private lastShown = ''

  constructor(token: string | null, onUnauthorised: () => void) {
    this.connection = new FeedConnection(token, {
      onOpen: resumed => this.opened(resumed),
      onMessage: message => this.take(message),
      onWaves: waves => {
        this.lastMessage = performance.now()
        this.waves.take(waves, performance.now())
      },
      onContact: () => {
        this.lastContact = performance.now()
      },
      onLost: () => {
        this.open = false
        this.noteLoss()
        this.tell(0)
      },
      onUnauthorised,
    })
    this.ticker = setInterval(() => this.tick(), 100)
  }

  onChange(listener: () => void): void {
    this.listener = listener
  }

  view(): StationView {
    return { ward: this.ward, link: this.link(), engineNow: this.engineTime(performance.now()), outage: this.outage }
  }

  forgetOutage(): void {
    this.outage = null
    this.ward = forgetMissed(this.ward)
    this.tell(0)
  }

  close(): void {
    clearInterval(this.ticker)
    clearTimeout(this.pending)
    this.connection.close()
  }

  private opened(resumed: boolean): void {
    this.open = true
    const now = performance.now()
    this.lastMessage = now
    if (this.lostAt !== null) {
      const backAt = this.engineTime(now)
      this.away = { lostAt: this.lostAt, backAt }
      this.outage = { lengthMs: (backAt - this.lostAt) / 1000, resumed }
      this.lostAt = null
      this.waves.restart()
    }
    this.tell(0)
  }

  private take(message: ServerMessage): void {
    const now = performance.now()
    this.lastMessage = now
    if ('now' in message) this.clockOffset = message.now - now * 1000
    if (message.type === 'heartbeat') {
      if (message.selfCheck.sequence !== this.ward.selfCheck?.sequence) this.lastSelfCheck = now
      this.away = null
    }
    if (message.type === 'error') this.outage = this.outage && { ...this.outage, resumed: false }
    this.ward = applyMessage(this.ward, message, this.away)
    const urgent = message.type === 'snapshot' || (message.type === 'events' && message.events.some(event => event.alert !== undefined))
    this.tell(urgent ? 0 : calmMs)
  }

  /** Says what only time changes: ages each second, a lost link at once. */
  private tick(): void {
    const now = performance.now()
    if (this.open && now - this.lastMessage >= silentAfterMs) this.connection.reconnect()
    const { connected, struck, notMonitored } = this.link()
    if (!connected) this.noteLoss()
    else if (this.open) this.lostAt = null
    const shown = `${connected} ${struck} ${notMonitored} ${Math.floor(now / 1000)}`
    if (shown === this.lastShown) return
    this.lastShown = shown
    this.tell(0)
  }

  /** Before the first snapshot there was nothing that could be lost. */
  private noteLoss(): void {
    if (this.ward.cursor !== null) this.lostAt ??= this.engineTime(this.lastContact)
  }

  private link(): LinkState {
    const { open, lastContact, lastMessage, lastSelfCheck } = this
    return judgeLink({ open, lastContact, lastMessage, lastSelfCheck }, performance.now())
  }

  private engineTime(pageTime: number): number {
    return pageTime * 1000 + this.clockOffset
  }

  private tell(withinMs: number): void {
    if (withinMs === 0) {
      clearTimeout(this.pending)
      this.pending = undefined
      this.listener()
    } else {
      this.pending ??= setTimeout(() => {
        this.pending = undefined
        this.listener()
      }, withinMs)
    }
  }
}

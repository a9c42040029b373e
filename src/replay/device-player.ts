import type { DeviceLife, PlayedDevice } from '../device/played-device.js'
import { VitalwireError } from '../errors.js'
import { decodeCommand, decodeHighWater } from '../wire/commands.js'
import { encodeState } from '../wire/state.js'
import { type BrokerOptions, showAddress } from './broker-options.js'
import { ConnectionLost, DeviceConnection, Stopped } from './device-connection.js'
import { LifeState } from './life-state.js'
import { Pace, sleep } from './pace.js'
import type { ReplayResult } from './replay-result.js'

export interface PlayerOptions {
  readonly broker: BrokerOptions
  /** How long the broker may be out of reach at the start, seconds. */
  readonly patienceSeconds: number
  /** How long to wait at the end for an engine that says nothing, seconds. */
  readonly confirmSeconds: number
  /** Times real time, or `max`. */
  readonly speed: number | 'max'
  readonly signal: AbortSignal
  /** `time`: seconds of the session that were sent. */
  readonly onSent: (time: number, bytes: number) => void
}

/** W7: so long a device waits for `hw` after a reconnect. */
const highWaterMs = 5000
/** At the end of a life that is not the last: an engine that says `hw` every 5 s has said it by then. */
const lifeEndMs = 7000
/** Messages that the engine has not confirmed: from here a device asks for the mark, and from there it waits for it. */
const farAhead = 160
const tooFarAhead = 320
/** Without a move of `hw` for so long, what it does not cover is sent again. */
const stallMs = 10_000
const connectMs = 5000
const longestRetryMs = 5000

/** Plays one round of one device: connects, sends, reconnects and resends until the engine has closed the session. */
export class DevicePlayer {
  readonly #played: PlayedDevice
  readonly #options: PlayerOptions
  #reachedOnce = false
  #outagesDone = 0
  /** Count of marks heard when one was last asked for: one question at a time. */
  #askedAt = -1
  #pace: Pace
  /** What went wrong while a command was answered; thrown where the player waits next. */
  #failure: { readonly error: unknown } | null = null

  constructor(played: PlayedDevice, options: PlayerOptions) {
    this.#played = played
    this.#options = options
    this.#pace = new Pace(options.speed)
  }

  async play(round: number): Promise<ReplayResult> {
    const lives = this.#played.lives(round)
    this.#outagesDone = 0
    this.#pace = new Pace(this.#options.speed)
    try {
      for (const life of lives.slice(0, -1)) await this.#playLife(life, false)
      return await this.#playLife(lives[lives.length - 1]!, true)
    } catch (error) {
      if (error instanceof Stopped) return this.#result('stopped', null)
      throw error
    }
  }

  async #playLife(life: DeviceLife, isLast: boolean): Promise<ReplayResult> {
    const state = new LifeState(life.virtual)
    await this.#waitUntil(life.startsAt)
    for (;;) {
      const connection = await this.#connect(life)
      try {
        const heard = state.heard
        this.#askedAt = -1
        await this.#introduce(connection, state)
        // At the first connect, too: an engine that has spoken has subscribed to what comes.
        await this.#until(connection, highWaterMs, () => state.heard > heard)
        const outcome = await this.#sendAndConfirm(connection, life, state, isLast)
        if (outcome === null) continue
        if (isLast) await this.#leave(connection, life)
        else connection.kill()
        return outcome
      } catch (error) {
        if (error instanceof Stopped) await this.#leave(connection, life)
        else connection.kill()
        if (!(error instanceof ConnectionLost)) throw error
      }
    }
  }

  /** Sends until the engine has everything; null when the link went down on purpose and must be made anew. */
  async #sendAndConfirm(connection: DeviceConnection, life: DeviceLife, state: LifeState, isLast: boolean): Promise<ReplayResult | null> {
    let sentAt: number | null = null
    for (;;) {
      if (!(await this.#send(connection, life, state))) return null
      await connection.drained()
      // A device that is about to lose power keeps nothing: it goes on once the engine has all, or has been silent.
      if (!isLast) {
        await this.#until(connection, lifeEndMs, () => state.allKept)
        return this.#result('unconfirmed', state)
      }
      sentAt ??= performance.now()
      const outcome = await this.#confirm(connection, state, sentAt)
      if (outcome !== 'stalled') return this.#result(outcome, state)
    }
  }

  /** Everything that the engine does not have, each message when it is due. False: the link was cut for an outage. */
  async #send(connection: DeviceConnection, life: DeviceLife, state: LifeState): Promise<boolean> {
    for await (const message of state.unsent()) {
      const time = life.startsAt + message.time
      const outage = this.#played.outages?.[this.#outagesDone]
      if (outage !== undefined && time > outage.from) {
        await this.#waitUntil(outage.from, connection)
        this.#outagesDone++
        connection.kill()
        await this.#waitUntil(outage.to)
        return false
      }
      await this.#waitUntil(time, connection)
      await this.#keepBehind(connection, state)
      await connection.publish(message.topic, message.topic === 'w' ? message.stream : '', message.payload, false)
      this.#options.onSent(time, message.payload.length)
    }
    return true
  }

  /**
   * Back-pressure from the engine itself. A broker acknowledges what it only has in a queue, and throws away what exceeds
   * it; `hw` comes at most every 5 s, but at once after a birth. So a device that is far ahead says its birth again to ask
   * for the mark, and waits before it is too far. An engine that stays silent is not waited for without end.
   */
  async #keepBehind(connection: DeviceConnection, state: LifeState): Promise<void> {
    if (state.heard === 0 || state.ahead < farAhead) return
    if (this.#askedAt !== state.heard) {
      this.#askedAt = state.heard
      await connection.publish('birth', '', state.virtual.birth(), true)
    }
    if (state.ahead < tooFarAhead) return
    const confirmMs = this.#options.confirmSeconds * 1000
    await connection.drained()
    await this.#until(
      connection,
      Number.POSITIVE_INFINITY,
      () => state.ahead < tooFarAhead || performance.now() - state.movedAt >= confirmMs,
    )
  }

  /** Waits for the final `hw`. `stalled`: the engine lacks something and does not move, so it is sent again. */
  async #confirm(connection: DeviceConnection, state: LifeState, sentAt: number): Promise<ReplayResult['outcome'] | 'stalled'> {
    const confirmMs = this.#options.confirmSeconds * 1000
    const begun = performance.now()
    const stillFor = (since: number) => performance.now() - Math.max(since, state.movedAt)
    const stalled = () => state.heard > 0 && !state.allKept && stillFor(begun) >= stallMs
    // Only a recorded session has an end; a live one is over for the device when the engine has everything.
    const kept = () => state.virtual.clock !== 'recorded' && state.allKept
    await this.#until(
      connection,
      Number.POSITIVE_INFINITY,
      () => state.final !== null || kept() || stillFor(sentAt) >= confirmMs || stalled(),
    )
    if (state.final !== null) return state.final.eventHash === null ? 'disordered' : 'closed'
    if (kept()) return 'kept'
    return stillFor(sentAt) >= confirmMs ? 'unconfirmed' : 'stalled'
  }

  /** Connects; at the start the broker must answer within the patience, later the device tries for as long as it takes. */
  async #connect(life: DeviceLife): Promise<DeviceConnection> {
    const { broker, patienceSeconds, signal } = this.#options
    const deadline = performance.now() + patienceSeconds * 1000
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) throw new Stopped()
      try {
        const connection = await DeviceConnection.open(broker, this.#played.device, life.virtual.boot, connectMs, signal)
        this.#reachedOnce = true
        this.#pace.start()
        return connection
      } catch (error) {
        if (error instanceof Stopped) throw error
        if (!this.#reachedOnce && (performance.now() >= deadline || isRefusal(error))) throw unreachable(broker, this.#played.device, error)
        await sleep(Math.min(longestRetryMs, 200 * 2 ** Math.min(attempt, 5)), signal)
      }
    }
  }

  /** Birth before data (B1), and ears for `hw` and `cmd` before the birth. */
  async #introduce(connection: DeviceConnection, state: LifeState): Promise<void> {
    const { virtual } = state
    const birth = () => connection.publish('birth', '', virtual.birth(), true)
    let answering: Promise<void> = Promise.resolve()
    const answer = async (payload: Uint8Array) => {
      const command = decodeCommand(payload)
      if (command?.cmd === 'rebirth') await birth()
      if (command?.cmd !== 'resend') return
      for (const { topic, stream, payload: bytes } of await state.answerResend(command)) {
        await connection.publish(topic, topic === 'w' ? stream : '', bytes, false)
      }
    }
    await connection.listen((kind, payload) => {
      if (kind === 'hw') {
        const water = decodeHighWater(payload)
        if (water !== null) state.takeHighWater(water)
        return
      }
      // A lost link ends the answer: the engine asks again, and the reconnect sends from `hw` on.
      answering = answering
        .then(() => answer(payload))
        .catch(error => {
          if (!(error instanceof ConnectionLost || error instanceof Stopped)) this.#failure = { error }
        })
    })
    await birth()
    await connection.publish('state', '', encodeState({ state: 'ready', boot: virtual.boot }), true)
  }

  /** Waits for `met`, at most so long. */
  async #until(connection: DeviceConnection, milliseconds: number, met: () => boolean): Promise<void> {
    const deadline = performance.now() + milliseconds
    for (this.#check(connection); !met() && performance.now() < deadline; this.#check(connection)) await sleep(5, this.#options.signal)
  }

  async #waitUntil(seconds: number, connection?: DeviceConnection): Promise<void> {
    this.#check(connection)
    for (let left = this.#pace.untilDue(seconds); left > 0; left = this.#pace.untilDue(seconds)) {
      // In steps, so that a broken link is noticed though nothing is to be sent.
      await sleep(connection === undefined ? left : Math.min(left, 500), this.#options.signal)
      this.#check(connection)
    }
  }

  /** Throws when the run was ended, a command could not be answered, or the link is lost. */
  #check(connection?: DeviceConnection): void {
    if (this.#options.signal.aborted) throw new Stopped()
    if (this.#failure !== null) throw this.#failure.error
    if (connection?.alive === false) throw new ConnectionLost()
  }

  async #leave(connection: DeviceConnection, life: DeviceLife): Promise<void> {
    await connection.leave(encodeState({ state: 'disconnected', boot: life.virtual.boot }))
  }

  #result(outcome: ReplayResult['outcome'], state: LifeState | null): ReplayResult {
    const { record, device } = this.#played
    const final = state?.final ?? null
    return { record, device, patient: null, eventHash: final?.eventHash ?? null, eventCount: final?.eventCount ?? null, outcome }
  }
}

/** CONNACK 4 and 5: a wrong user or password does not mend with time. */
function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 4 || code === 5
}

function unreachable(broker: BrokerOptions, device: string, cause: unknown): VitalwireError {
  const what = cause instanceof Error && cause.message !== '' ? cause.message : String((cause as { code?: unknown }).code ?? cause)
  return new VitalwireError(
    'network-broker',
    `no connection for device ${device} to ${showAddress(broker.url)}: ${what}; accepted is a reachable MQTT 3.1.1 broker that lets it in`,
    { cause },
  )
}

import path from 'node:path'
import { type Disk, limitFiles } from './disk.js'
import type { Draw } from './draw.js'
import type { EngineProcess } from './engine-process.js'
import type { HttpProxy } from './http-proxy.js'
import { type KillMoment, type SinceWrite, sinceWrite } from './kill-moment.js'
import type { Fault, SeedPlan } from './plan.js'
import type { OtherServer } from './servers.js'
import { sleep } from './sleep.js'
import { spoilTail } from './spoil-tail.js'
import type { TcpProxy } from './tcp-proxy.js'

/** A kill must come this soon after a write of journal, event log or snapshot to count. */
export const closeKillMs = 50
/** How long the moment for a kill is waited for. */
const patienceMs = 4000

/** What is there to be harmed. */
export interface Scene {
  readonly engine: EngineProcess
  readonly dataDir: string
  readonly disk: Disk
  readonly moment: KillMoment
  readonly broker: OtherServer | null
  readonly store: OtherServer | null
  readonly deviceLink: TcpProxy
  /** null: with the embedded broker. */
  readonly engineLink: TcpProxy | null
  readonly storeLink: HttpProxy | null
  /** For what is decided at the scene (which bytes, which segment). */
  readonly draw: Draw
}

export interface Deed {
  /** Milliseconds since the devices began. */
  readonly at: number
  readonly fault: Fault
  /** What came of it, in words. */
  readonly outcome: string
  /** Of a kill of the engine. */
  readonly sinceWrite?: SinceWrite
  readonly restartMs?: number
}

/** Does what the plan says, in order; outages go on beside, and everything is mended when it returns. */
export class Nemesis {
  readonly deeds: Deed[] = []
  readonly #scene: Scene
  readonly #mending: Promise<void>[] = []
  readonly #begun = performance.now()

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Kills that came within 50 ms of a write. */
  get closeKills(): number {
    return this.deeds.filter(({ sinceWrite }) => sinceWrite !== undefined && isClose(sinceWrite)).length
  }

  async run(plan: SeedPlan): Promise<void> {
    for (const { gapMs, fault } of plan.faults) {
      await sleep(gapMs)
      await this.#do(fault)
    }
    await Promise.all(this.#mending)
  }

  /** Kills once more, as long as no kill came close enough to a write; `release` lets devices go on sending. */
  async killCloseToWrite(release: () => void): Promise<void> {
    for (let tries = 0; this.closeKills === 0 && tries < 4; tries++) {
      release()
      await this.#kill({ kind: 'kill-engine', after: 'journal', delayMs: 0, downMs: 0, tail: null, readOnlyStart: false })
    }
  }

  async #do(fault: Fault): Promise<void> {
    const { engine, broker, store, disk, storeLink } = this.#scene
    switch (fault.kind) {
      case 'kill-engine':
        await this.#kill(fault)
        return
      case 'pause-engine':
        engine.signal('SIGSTOP')
        await sleep(fault.ms)
        engine.signal('SIGCONT')
        break
      case 'end-worker':
        engine.endWorker(fault.worker)
        break
      case 'kill-broker':
        await broker?.kill()
        this.#later(fault.downMs, () => broker?.start())
        break
      case 'kill-store':
        await store?.kill()
        this.#later(fault.downMs, () => store?.start())
        break
      case 'reset-links':
        this.#link(fault.side)?.reset()
        break
      case 'part-links': {
        const link = this.#link(fault.side)
        link?.part()
        this.#later(fault.ms, () => {
          if (fault.thenReset) link?.reset()
          link?.mend()
        })
        break
      }
      case 'fill-disk':
        disk.fill()
        this.#later(fault.ms, () => disk.makeRoom())
        break
      case 'freeze-files': {
        const { pid } = engine
        limitFiles(pid, '0')
        this.#later(fault.ms, () => limitFiles(pid, 'unlimited'))
        break
      }
      case 'step-clock':
        engine.stepClock(fault.byMs)
        break
      case 'trouble-store':
        if (storeLink !== null) storeLink.trouble = fault.how
        this.#later(fault.ms, () => storeLink?.mend())
        break
    }
    this.#note(fault, 'done')
  }

  async #kill(fault: Extract<Fault, { kind: 'kill-engine' }>): Promise<void> {
    const { engine, moment, dataDir, disk, draw } = this.#scene
    // A disk without room would keep the next start from beginning: mended first.
    await Promise.all(this.#mending.splice(0))
    const { after, delayMs } = fault
    const { seen, at } = await moment.kill({ pid: engine.pid, folder: path.join(dataDir, after), delayMs, patienceMs })
    await engine.gone()
    const since = sinceWrite(dataDir, at)
    const words = [seen ? `after a write to ${fault.after}` : `no write to ${fault.after} in ${patienceMs} ms`]
    if (fault.tail !== null) words.push(spoilTail(dataDir, fault.tail, draw))
    await sleep(fault.downMs)
    if (fault.readOnlyStart) {
      disk.setReadOnly(true)
      const refusal = await engine.start().then(
        () => 'started on a read-only folder',
        (error: Error) => error.message,
      )
      await engine.kill()
      disk.setReadOnly(false)
      words.push(`read-only start: ${refusal.trim().slice(0, 200)}`)
    }
    const begun = performance.now()
    await engine.start()
    const restartMs = Math.round(performance.now() - begun)
    this.deeds.push({ ...this.#deed(fault, words.join('; ')), sinceWrite: since, restartMs })
  }

  #link(side: 'devices' | 'engine'): TcpProxy | null {
    return side === 'devices' ? this.#scene.deviceLink : this.#scene.engineLink
  }

  #later(ms: number, mend: () => unknown): void {
    this.#mending.push(sleep(ms).then(async () => void (await mend())))
  }

  #note(fault: Fault, outcome: string): void {
    this.deeds.push(this.#deed(fault, outcome))
  }

  #deed(fault: Fault, outcome: string): Deed {
    return { at: Math.round(performance.now() - this.#begun), fault, outcome }
  }
}

function isClose(since: SinceWrite): boolean {
  return Object.values(since).some(ms => ms !== null && ms <= closeKillMs)
}

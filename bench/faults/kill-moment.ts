import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { WriteKind } from './plan.js'

export interface KillOrder {
  readonly id: number
  readonly pid: number
  readonly folder: string
  readonly delayMs: number
  readonly patienceMs: number
}

export interface KillReport {
  readonly id: number
  /** Whether there was a write within the patience. */
  readonly seen: boolean
  /** Wall time of the signal, ms. */
  readonly at: number
}

/** Milliseconds from the newest write of each kind to the kill; null: there was none. */
export type SinceWrite = Readonly<Record<WriteKind, number | null>>

/** Finds the moment for a kill: inotify on the engine's folders tells of its next write. */
export class KillMoment {
  readonly #killer: ChildProcess
  readonly #waiting = new Map<number, (report: KillReport) => void>()
  #next = 1

  constructor() {
    this.#killer = fork(fileURLToPath(new URL('./killer.js', import.meta.url)), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#killer.on('message', (report: KillReport) => {
      this.#waiting.get(report.id)?.(report)
      this.#waiting.delete(report.id)
    })
  }

  /** SIGKILL to the process, `delayMs` after its next write to the folder, or without one when the patience is over. */
  kill(order: Omit<KillOrder, 'id'>): Promise<KillReport> {
    mkdirSync(order.folder, { recursive: true })
    const id = this.#next++
    return new Promise(resolve => {
      this.#waiting.set(id, resolve)
      this.#killer.send({ ...order, id })
    })
  }

  close(): void {
    this.#killer.disconnect()
  }
}

/** To be asked when the process is dead: by the times of the files, which the kernel writes. */
export function sinceWrite(dataDir: string, killedAt: number): SinceWrite {
  const since = (kind: WriteKind): number | null => {
    const folder = path.join(dataDir, kind)
    let newest = Number.NEGATIVE_INFINITY
    for (const file of readdirSync(folder)) {
      if (/\.(vwj|vwe|vws|tmp)$/.test(file)) newest = Math.max(newest, statSync(path.join(folder, file)).mtimeMs)
    }
    return Number.isFinite(newest) ? Math.round((killedAt - newest) * 10) / 10 : null
  }
  return { journal: since('journal'), events: since('events'), snapshots: since('snapshots') }
}

import { type FSWatcher, mkdirSync, readdirSync, statSync, watch } from 'node:fs'
import path from 'node:path'
import type { WriteKind } from './plan.js'

const kinds = ['journal', 'events', 'snapshots'] as const

/** Milliseconds from the newest write of each kind to the kill; null: there was none. */
export type SinceWrite = Readonly<Record<WriteKind, number | null>>

/** Sees the engine write, by inotify on its folders: how the moment of a kill is found. */
export class WriteWatch {
  readonly #dataDir: string
  readonly #watchers: FSWatcher[] = []
  readonly #waiting = new Map<WriteKind, (() => void)[]>()

  constructor(dataDir: string) {
    this.#dataDir = dataDir
    for (const kind of kinds) {
      const folder = path.join(dataDir, kind)
      mkdirSync(folder, { recursive: true })
      const watcher = watch(folder, () => this.#seen(kind))
      watcher.on('error', () => {})
      this.#watchers.push(watcher)
    }
  }

  /** Resolves at the next write; false when there was none in time. */
  next(kind: WriteKind, ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), ms)
      const list = this.#waiting.get(kind) ?? []
      list.push(() => {
        clearTimeout(timer)
        resolve(true)
      })
      this.#waiting.set(kind, list)
    })
  }

  /** To be asked when the process is dead: by the times of the files, which the kernel writes. */
  sinceWrite(killedAt: number): SinceWrite {
    const since = (kind: WriteKind): number | null => {
      const folder = path.join(this.#dataDir, kind)
      let newest = Number.NEGATIVE_INFINITY
      for (const file of readdirSync(folder)) {
        if (!/\.(vwj|vwe|vws|tmp)$/.test(file)) continue
        newest = Math.max(newest, statSync(path.join(folder, file)).mtimeMs)
      }
      return Number.isFinite(newest) ? Math.round((killedAt - newest) * 10) / 10 : null
    }
    return { journal: since('journal'), events: since('events'), snapshots: since('snapshots') }
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
  }

  #seen(kind: WriteKind): void {
    const waiting = this.#waiting.get(kind) ?? []
    this.#waiting.set(kind, [])
    for (const go of waiting) go()
  }
}

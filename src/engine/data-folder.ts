import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import { partitionCount } from '../intake/placement.js'
import { readJsonFile, writeJsonFile } from '../journal/atomic-file.js'
import { parseSegmentFile } from '../journal/segment-format.js'
import { indexSegments, makeFolder, type TornTail } from '../journal/segment-index.js'
import type { Damage } from '../journal/segment-repair.js'
import { folders } from './partition-host.js'

const version = 1

interface SavedFormat {
  version: number
  partitions: number
  /** Begun anew with the event log. */
  epoch: string
  run: number
  /** Number of workers of the last run: the broker may hold sessions of theirs. */
  workers: number
  /** Configuration that was journaled last, as text. */
  configuration: string | null
}

/** An engine's data folder: locked while it runs, its format checked, torn tails cut off, damage filled. */
export class DataFolder {
  readonly path: string
  readonly epoch: string
  /** Number of this start of the engine. */
  readonly run: number
  readonly previousWorkers: number
  readonly torn: readonly TornTail[]
  readonly damaged: readonly Damage[]
  #saved: SavedFormat

  constructor(path: string, workers: number) {
    this.path = path
    makeFolder(path)
    lock(path)
    try {
      const formatPath = join(path, 'format.json')
      const saved = readJsonFile(formatPath) as SavedFormat | null
      if (saved !== null && (saved.version !== version || saved.partitions !== partitionCount)) {
        throw new VitalwireError(
          'disk-format',
          `${formatPath}: version ${saved.version} with ${saved.partitions} partitions; this vitalwire reads version ${version} with ${partitionCount}`,
        )
      }
      const journal = indexSegments('journal', join(path, folders.journal))
      const events = indexSegments('events', join(path, folders.events))
      this.torn = [...journal.torn, ...events.torn]
      this.damaged = [...journal.damaged, ...events.damaged]
      this.run = Math.max(saved?.run ?? 0, lastRun(path)) + 1
      this.epoch = saved?.epoch ?? randomUUID()
      this.previousWorkers = saved?.workers ?? 0
      this.#saved = {
        version,
        partitions: partitionCount,
        epoch: this.epoch,
        run: this.run,
        workers: Math.max(workers, this.previousWorkers),
        configuration: saved?.configuration ?? null,
      }
      this.#save()
    } catch (error) {
      this.release()
      throw error
    }
  }

  get configuration(): string | null {
    return this.#saved.configuration
  }

  setConfiguration(text: string): void {
    this.#saved.configuration = text
    this.#save()
  }

  setWorkers(workers: number): void {
    this.#saved.workers = workers
    this.#save()
  }

  release(): void {
    try {
      unlinkSync(join(this.path, 'engine.lock'))
    } catch {}
  }

  #save(): void {
    writeJsonFile(join(this.path, 'format.json'), this.#saved)
  }
}

/** Two engines on one folder would write over each other. A lock whose process is gone is taken over. */
function lock(path: string): void {
  const file = join(path, 'engine.lock')
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const fd = openSync(file, 'wx')
      writeSync(fd, `${process.pid}\n`)
      closeSync(fd)
      return
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new VitalwireError('disk-write', `${path}: ${(cause as Error).message}; accepted is a folder that this user may write to`, {
          cause,
        })
      }
      const pid = Number(readFileSync(file, 'utf8'))
      if (pid !== process.pid && isRunning(pid)) {
        throw new VitalwireError(
          'disk-write',
          `${path}: in use by the engine with process id ${pid}; accepted is a data folder of its own for each engine`,
        )
      }
      unlinkSync(file)
    }
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function lastRun(path: string): number {
  let run = 0
  for (const kind of ['journal', 'events'] as const) {
    for (const file of readdirSync(join(path, folders[kind]))) run = Math.max(run, parseSegmentFile(kind, file)?.run ?? 0)
  }
  return run
}

import { readdirSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import type { EventBatch, EventLogReader } from './event-log.js'
import { eventsType } from './event-log-writer.js'
import type { LoggedEvent } from './logged-event.js'
import { checkSegmentHeader, parseRecord, parseSegmentFile, recordHeaderBytes, segmentFile, segmentHeaderBytes } from './segment-format.js'
import { makeFolder } from './segment-index.js'
import type { WaveSegment } from './wave-segment.js'

/** Position in the logs of one run: by worker the segment number and the byte in it. */
interface Position {
  run: number
  logs: Map<number, { number: number; at: number }>
}

const readBytes = 256 * 1024

/** The event logs of a data folder, as those who read them see them. `wake` is called whenever something was written. */
export class LocalEventLog {
  readonly #dir: string
  readonly #readers = new Set<LocalEventLogReader>()

  constructor(dir: string) {
    this.#dir = dir
    makeFolder(dir)
  }

  reader(position: string | null, options: { maxEvents?: number } = {}): EventLogReader {
    const reader = new LocalEventLogReader(this.#dir, position, options.maxEvents ?? 1000, () => this.#readers.delete(reader))
    this.#readers.add(reader)
    return reader
  }

  wake(): void {
    for (const reader of this.#readers) reader.wake()
  }

  /** Position after everything that is written now. */
  end(): string {
    const names = listSegments(this.#dir)
    const run = names.at(-1)?.run ?? 0
    const position: Position = { run, logs: new Map() }
    for (const name of names) {
      if (name.run !== run) continue
      position.logs.set(name.worker, { number: name.number, at: fileBytes(join(this.#dir, segmentFile('events', name))) })
    }
    return formatPosition(position)
  }

  close(): void {
    for (const reader of this.#readers) reader.close()
  }
}

/**
 * Reads run after run (an older one to its end first, so each partition's events keep their order), and within a run
 * the logs in turn.
 */
class LocalEventLogReader implements EventLogReader {
  readonly #dir: string
  readonly #maxEvents: number
  readonly #onClose: () => void
  #position: Position
  #closed = false
  #wanted = true
  #wakeUp: (() => void) | null = null
  #open: { file: string; handle: FileHandle } | null = null
  #turn = 0
  readonly #buffer = Buffer.allocUnsafe(readBytes)

  constructor(dir: string, position: string | null, maxEvents: number, onClose: () => void) {
    this.#dir = dir
    this.#maxEvents = maxEvents
    this.#onClose = onClose
    this.#position = position === null ? { run: 0, logs: new Map() } : parsePosition(position)
  }

  get position(): string {
    return formatPosition(this.#position)
  }

  async next(): Promise<EventBatch | null> {
    while (!this.#closed) {
      this.#wanted = false
      const batch = await this.#readOn()
      if (this.#closed) break
      if (batch !== null) return batch
      if (!this.#wanted) {
        await new Promise<void>(resolve => {
          this.#wakeUp = resolve
        })
        this.#wakeUp = null
      }
    }
    await this.#closeFile()
    return null
  }

  bytesBehind(): number {
    let bytes = 0
    for (const name of listSegments(this.#dir)) {
      if (name.run < this.#position.run) continue
      const at = name.run === this.#position.run ? this.#position.logs.get(name.worker) : undefined
      if (at !== undefined && name.number < at.number) continue
      const from = at !== undefined && name.number === at.number ? at.at : segmentHeaderBytes
      bytes += Math.max(0, fileBytes(join(this.#dir, segmentFile('events', name))) - from)
    }
    return bytes
  }

  wake(): void {
    this.#wanted = true
    this.#wakeUp?.()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#onClose()
    this.#wakeUp?.()
  }

  /** What follows the position, from the first log that has something; null when none has. */
  async #readOn(): Promise<EventBatch | null> {
    const names = listSegments(this.#dir)
    if (names.length === 0) return null
    if (this.#position.run === 0) this.#position = { run: names[0]!.run, logs: new Map() }
    for (;;) {
      const run = this.#position.run
      const workers = [...new Set(names.filter(name => name.run === run).map(name => name.worker))]
      this.#turn += 1
      for (let k = 0; k < workers.length; k++) {
        const batch = await this.#readLog(workers[(this.#turn + k) % workers.length]!, names)
        if (batch !== null) return batch
      }
      const later = names.find(name => name.run > run)
      if (later === undefined) return null
      this.#position = { run: later.run, logs: new Map() }
    }
  }

  async #readLog(worker: number, names: readonly { run: number; worker: number; number: number }[]): Promise<EventBatch | null> {
    const own = names.filter(name => name.run === this.#position.run && name.worker === worker)
    let at = this.#position.logs.get(worker) ?? { number: own[0]!.number, at: segmentHeaderBytes }
    for (;;) {
      const { run } = this.#position
      const result = await this.#readFile(segmentFile('events', { run, worker, number: at.number }), at.at)
      if (result.end > at.at) {
        this.#position.logs.set(worker, { number: at.number, at: result.end })
        return { events: result.events, segments: result.segments, position: this.position }
      }
      // A file is done for good once the next one is there.
      const next = own.find(name => name.number > at.number)
      if (next === undefined) return null
      at = { number: next.number, at: segmentHeaderBytes }
    }
  }

  async #readFile(file: string, from: number): Promise<{ events: LoggedEvent[]; segments: WaveSegment[]; end: number }> {
    const events: LoggedEvent[] = []
    const segments: WaveSegment[] = []
    const handle = await this.#handle(file)
    if (handle === null) return { events, segments, end: from }
    let buffer = this.#buffer
    let { bytesRead } = await handle.read(buffer, 0, buffer.length, from)
    if (bytesRead >= recordHeaderBytes && recordHeaderBytes + buffer.readUInt32LE(0) > buffer.length) {
      buffer = Buffer.allocUnsafe(recordHeaderBytes + buffer.readUInt32LE(0))
      bytesRead = (await handle.read(buffer, 0, buffer.length, from)).bytesRead
    }
    let at = 0
    while (events.length + segments.length < this.#maxEvents) {
      const record = parseRecord(buffer, at, bytesRead, from)
      // What is not whole is being written, or will be cut off at the next start.
      if (record === 'short' || record === 'bad') break
      const lines = Buffer.from(record.body.buffer, record.body.byteOffset, record.body.length).toString('utf8').split('\n')
      for (const line of lines) {
        if (line === '') continue
        if (record.type === eventsType) events.push(JSON.parse(line) as LoggedEvent)
        else segments.push(JSON.parse(line) as WaveSegment)
      }
      at += record.length
    }
    return { events, segments, end: from + at }
  }

  /** The file, opened and of the right version; null while its header is not written yet. */
  async #handle(file: string): Promise<FileHandle | null> {
    if (this.#open?.file === file) return this.#open.handle
    await this.#closeFile()
    const path = join(this.#dir, file)
    const handle = await open(path, 'r')
    const head = Buffer.alloc(segmentHeaderBytes)
    const { bytesRead } = await handle.read(head, 0, segmentHeaderBytes, 0)
    if (bytesRead < segmentHeaderBytes) {
      await handle.close()
      return null
    }
    try {
      checkSegmentHeader('events', head, path)
    } catch (error) {
      await handle.close()
      throw error
    }
    this.#open = { file, handle }
    return handle
  }

  async #closeFile(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.handle.close()
  }
}

function listSegments(dir: string): { run: number; worker: number; number: number }[] {
  return readdirSync(dir)
    .sort()
    .map(file => parseSegmentFile('events', file))
    .filter(name => name !== null)
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** `run/worker:number:byte,...` */
function formatPosition(position: Position): string {
  const logs = [...position.logs].sort((a, b) => a[0] - b[0]).map(([worker, { number, at }]) => `${worker}:${number}:${at}`)
  return `${position.run}/${logs.join(',')}`
}

function parsePosition(text: string): Position {
  const match = /^(\d{1,8})\/((?:\d{1,3}:\d{1,8}:\d{1,12}(?:,|$))*)$/.exec(text)
  if (match === null)
    throw new VitalwireError('usage-option', `event log position ${JSON.stringify(text)}: accepted is one given by this engine`)
  const logs = new Map<number, { number: number; at: number }>()
  for (const part of match[2]!.split(',')) {
    if (part === '') continue
    const [worker, number, at] = part.split(':').map(Number) as [number, number, number]
    logs.set(worker, { number, at })
  }
  return { run: Number(match[1]), logs }
}

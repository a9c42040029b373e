import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Cursors of the live feed: epoch and position, opaque to clients and signed, so that what comes back is what was given.
 * The key stays in the data folder: a cursor outlives a restart of the engine.
 */
export class FeedCursors {
  constructor(
    private readonly key: Buffer,
    private readonly epoch: string,
  ) {}

  static open(file: string, epoch: string): FeedCursors {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' })
    }
    return new FeedCursors(readFileSync(file), epoch)
  }

  /** null: the beginning of the log. */
  format(position: string | null): string {
    const payload = Buffer.from(JSON.stringify([1, this.epoch, position])).toString('base64url')
    return `${payload}.${this.sign(payload).toString('base64url')}`
  }

  /** The position, or why the cursor is refused. */
  read(cursor: string): { readonly position: string | null } | { readonly refused: string } {
    const [payload, signature, ...rest] = cursor.split('.')
    if (payload === undefined || signature === undefined || rest.length > 0) return { refused: 'it is no cursor' }
    const given = Buffer.from(signature, 'base64url')
    const own = this.sign(payload)
    if (given.length !== own.length || !timingSafeEqual(given, own)) return { refused: 'it was not given by this engine' }
    const [, epoch, position] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [number, string, string | null]
    if (epoch !== this.epoch) return { refused: 'the event log was begun anew since' }
    return { position }
  }

  private sign(payload: string): Buffer {
    return createHmac('sha256', this.key).update(payload).digest().subarray(0, 16)
  }
}

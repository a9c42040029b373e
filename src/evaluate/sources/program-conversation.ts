import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { VitalwireError } from '../../errors.js'

export interface ProgramLine {
  readonly text: string
  /** Counted from 1 over all that the program said. */
  readonly number: number
}

/** A line that does not end is no frame. */
const longestLine = 1 << 20
/** Lines that wait to be read: a day has some 150,000 beats. More is a program that writes without end. */
const mostLines = 1_000_000
/** What a failing program said on standard error last. */
const keptErrorCharacters = 400

const accepted = 'accepted: beat frames, then done, for each record (docs/evaluate.md)'

/**
 * Lines to and from one program. What goes wrong with it is a VitalwireError `detector-failed` with the program, the
 * record, the line: that it ended, that it said nothing for too long, that it reads nothing.
 */
export class ProgramConversation {
  readonly #command: string
  readonly #timeoutMs: number
  readonly #child: ChildProcess
  readonly #closed: Promise<true>
  readonly #lines: ProgramLine[] = []
  #rest = ''
  #count = 0
  #errors = ''
  /** `#count` when the last record was done; null before. */
  #countAtDone: number | null = null
  #endedWell = false
  #over = false
  #failure: string | null = null
  #wake: () => void = () => undefined

  constructor(command: string, timeoutMs: number) {
    this.#command = command
    this.#timeoutMs = timeoutMs
    // A group of its own, so that what the shell starts ends with it.
    this.#child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32' })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-keptErrorCharacters)
    })
    // A program that ends while it is written to says so by its end.
    this.#child.stdin!.on('error', () => undefined)
    this.#closed = new Promise(resolve => {
      this.#child.once('close', () => resolve(true))
      this.#child.once('error', () => resolve(true))
    })
    this.#child.on('error', error => this.#end(`could not be started: ${error.message}`))
    this.#child.on('close', (code, signal) => {
      this.#endedWell = code === 0
      this.#end(`ended with ${signal === null ? `exit code ${code}` : `signal ${signal}`}`)
    })
  }

  /** Whether the program is gone, and every line of it read. */
  get ended(): boolean {
    return this.#over && this.#lines.length === 0
  }

  /** Whether the program ended with exit code 0 after a record that it had done, with no word about another. */
  get leftInOrder(): boolean {
    return this.#endedWell && this.#countAtDone === this.#count
  }

  /** To be called with the `done` of a record. */
  recordDone(): void {
    this.#countAtDone = this.#count
  }

  say(frame: unknown): void {
    if (!this.#over) this.#child.stdin!.write(`${JSON.stringify(frame)}\n`)
  }

  /** Waits until the program has read most of what was said to it. Throws `detector-failed` when it does not. */
  async drained(record: string): Promise<void> {
    const stdin = this.#child.stdin!
    while (!this.#over && stdin.writableNeedDrain) {
      if (this.#failure !== null) throw this.failed(record)
      const said = this.#count
      const waiting = new AbortController()
      const read = once(stdin, 'drain', { signal: waiting.signal }).then(
        () => true,
        () => true,
      )
      const settled = await this.#within(Promise.race([read, this.#closed])).finally(() => waiting.abort())
      // A program that speaks is alive, and may be busy for long.
      if (!settled && this.#count === said) throw this.fault(record, null, `read nothing for ${this.#timeoutMs / 1000} s`)
    }
  }

  /** The next line that is not empty. Throws `detector-failed`. */
  async nextLine(record: string): Promise<ProgramLine> {
    for (;;) {
      const line = this.#lines.shift()
      if (line !== undefined) return line
      if (this.#failure !== null) throw this.failed(record)
      const next = new Promise<true>(resolve => {
        this.#wake = () => resolve(true)
      })
      if (!(await this.#within(next)))
        throw this.fault(record, null, `said nothing for ${this.#timeoutMs / 1000} s while it was waited for`)
    }
  }

  /** The error for the end of the program; `record`: for which it was to speak. */
  failed(record: string): VitalwireError {
    return this.fault(record, null, this.#failure ?? 'is still there')
  }

  /** The error for something that the program did; `line`: of its output. */
  fault(record: string, line: number | null, problem: string): VitalwireError {
    const where = `${record === '' ? '' : `, record ${record}`}${line === null ? '' : `, line ${line} of its output`}`
    const last = this.#errors.trim().split('\n').at(-1) ?? ''
    return new VitalwireError(
      'detector-failed',
      `program ${JSON.stringify(this.#command)}${where}: ${problem}${last === '' ? '' : `; its standard error ends with: ${last}`}; ${accepted}`,
    )
  }

  /** Ends the program: by closing its input, and by force when it is still there after a moment or `atOnce`. */
  async close(options: { readonly atOnce: boolean }): Promise<void> {
    if (this.#over) return
    this.#child.stdin!.end()
    const timer = setTimeout(() => this.#kill(), options.atOnce ? 0 : 2000)
    await this.#closed.finally(() => clearTimeout(timer))
  }

  #kill(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) {
      this.#count++
      if (part.trim() !== '') this.#lines.push({ text: part, number: this.#count })
    }
    if (this.#rest.length > longestLine) this.#stop(`wrote a line of more than ${longestLine} characters`)
    else if (this.#lines.length > mostLines) this.#stop(`wrote more than ${mostLines} lines for one record`)
    this.#wake()
  }

  /** It is no detector: what it wrote is let go, and it is ended. */
  #stop(problem: string): void {
    this.#rest = ''
    this.#lines.length = 0
    this.#failure ??= problem
    this.#child.stdout!.destroy()
    this.#kill()
  }

  #end(problem: string): void {
    if (this.#over) return
    this.#over = true
    if (this.#rest.trim() !== '') this.#lines.push({ text: this.#rest, number: ++this.#count })
    this.#rest = ''
    this.#failure ??= problem
    this.#wake()
  }

  /** Whether the promise was settled in time. */
  async #within(promise: Promise<boolean>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>(resolve => {
      timer = setTimeout(() => resolve(false), this.#timeoutMs)
    })
    return Promise.race([promise, late]).finally(() => clearTimeout(timer))
  }
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface, type Interface } from 'node:readline'

const script = new URL('./engine-child.mjs', import.meta.url).pathname

/** An engine in a process of its own. */
export class EngineProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: Interface
  #errors = ''

  /** `fileBlocks`: no file may grow beyond so many KiB. */
  constructor(dataDir: string, port: number, workers: number, fileBlocks?: number, more: Readonly<Record<string, string>> = {}) {
    const args = [script, dataDir, String(port), String(workers)]
    const env = { ...process.env, ...more }
    this.#child =
      fileBlocks === undefined
        ? spawn(process.execPath, args, { env })
        : spawn('bash', ['-c', `ulimit -f ${fileBlocks}; exec "$@"`, 'bash', process.execPath, ...args], { env })
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#child.stderr.on('data', (text: Buffer) => {
      this.#errors += text.toString()
    })
  }

  /** The next line that it prints. */
  line(): Promise<string> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`the engine ended: ${this.#errors}`))
      this.#child.once('exit', ended)
      this.#lines.once('line', line => {
        this.#child.off('exit', ended)
        resolve(line)
      })
    })
  }

  async ask(question: string): Promise<string> {
    const answer = this.line()
    this.#child.stdin.write(`${question}\n`)
    return answer
  }

  /** Resolves when it has ended by itself or was killed from inside. */
  async ended(): Promise<void> {
    if (this.running) await new Promise<void>(resolve => this.#child.once('exit', () => resolve()))
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** `SIGKILL`, or a clean stop. */
  async end(how: 'kill' | 'stop'): Promise<void> {
    if (!this.running) return
    const exited = new Promise<void>(resolve => this.#child.once('exit', () => resolve()))
    if (how === 'kill') this.#child.kill('SIGKILL')
    else this.#child.stdin.write('stop\n')
    await exited
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>(resolve => server.close(() => resolve()))
  return port
}

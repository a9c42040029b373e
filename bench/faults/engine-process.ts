import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export interface EngineSettings {
  readonly folder: string
  readonly dataDir: string
  readonly mqttPort: number
  readonly httpPort: number
  readonly workers: number
  /** Address of an outside broker, through its link; null: the embedded one. */
  readonly brokerUrl: string | null
  /** Address of InfluxDB, through its link; null: the embedded store. */
  readonly storeUrl: string | null
}

const program = fileURLToPath(new URL('./serve.js', import.meta.url))
const hook = fileURLToPath(new URL('./engine-hook.js', import.meta.url))

/** The engine as `serve` runs it in a process of its own, which may be killed, stopped and started again on the same ports. */
export class EngineProcess {
  readonly #settings: EngineSettings
  readonly #config: string
  #child: ChildProcess | null = null
  starts = 0
  /** All that it wrote to standard error, over all starts. */
  said = ''

  constructor(settings: EngineSettings) {
    this.#settings = settings
    this.#config = path.join(settings.folder, 'config.json')
    const { brokerUrl, storeUrl } = settings
    const config = {
      assign: 'auto',
      workers: settings.workers,
      snapshotIntervalSeconds: 5,
      broker: brokerUrl === null ? { port: settings.mqttPort } : { url: brokerUrl },
      http: { port: settings.httpPort },
      store: storeUrl === null ? { kind: 'embedded' } : { kind: 'influx-v1', url: storeUrl, database: 'vitalwire' },
    }
    writeFileSync(this.#config, JSON.stringify(config))
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /**
   * Resolves when it has printed its addresses. A broker that is away ends a start after 5 s, as documented: whoever looks
   * after the engine starts it again. Any other end before that rejects with what the engine said.
   */
  async start(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.#launch()
        return
      } catch (error) {
        if (!(error as Error).message.includes('[network-broker]') || tries === 10) throw error
      }
    }
  }

  async #launch(): Promise<void> {
    const args = ['--import', hook, program, this.#config, this.#settings.dataDir]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child = child
    this.starts++
    let own = ''
    child.stderr!.on('data', (text: Buffer) => {
      own += text.toString()
      this.said += text.toString()
    })
    await new Promise<void>((resolve, reject) => {
      let printed = ''
      child.stdout!.on('data', (text: Buffer) => {
        printed += text.toString()
        if (/^http.*\n/m.test(printed)) resolve()
      })
      // Once its last words are read, too.
      child.once('close', (code, signal) => reject(new Error(`serve ended with ${code ?? signal}: ${own}`)))
      child.once('error', reject)
    })
  }

  /** Resolves once the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Resolves once it is gone, whoever ends it. */
  async gone(): Promise<void> {
    if (this.#child !== null && this.running) await once(this.#child, 'exit')
  }

  /** Ends as with Ctrl-C; one that does not is killed. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => void this.kill(), 15_000)
    await this.#end('SIGINT')
    clearTimeout(timer)
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name)
  }

  /** Ends a worker thread wherever it is. */
  endWorker(worker: number): void {
    if (this.running) this.#child?.send({ end: worker }, () => {})
  }

  stepClock(ms: number): void {
    if (this.running) this.#child?.send({ step: ms }, () => {})
  }

  async get(pathname: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#settings.httpPort}${pathname}`, { signal: AbortSignal.timeout(30_000) })
    if (!response.ok) throw new Error(`${pathname}: ${response.status}`)
    return response.json()
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null || !this.running) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

export const repository = path.resolve(import.meta.dirname, '..', '..')
/** The built program; `npm test` builds it first. */
export const program = path.join(repository, 'dist', 'cli', 'main.js')

export interface ServerPorts {
  readonly mqtt: number
  readonly http: number
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export function scratchFolder(name: string): { path: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), `vitalwire-${name}-`))
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface ServeOptions {
  /** Merged into the configuration file, e.g. `{ broker: { url } }`. */
  readonly config?: Record<string, unknown>
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** No file may grow beyond so many KiB: a disk that is full for files that are larger. */
  readonly fileBlocks?: number
}

/** `vitalwire serve` as a process of its own on ports that stay the same over restarts. */
export class RunningServer {
  readonly ports: ServerPorts
  readonly folder: string
  readonly #configFile: string
  #options: ServeOptions
  #child: ChildProcess | null = null
  stderr = ''
  kills = 0

  private constructor(ports: ServerPorts, folder: string, options: ServeOptions) {
    this.ports = ports
    this.folder = folder
    this.#options = options
    this.#configFile = path.join(folder, 'config.json')
    const own = options.config ?? {}
    const broker = { port: ports.mqtt, ...(own.broker as object | undefined) }
    if ('url' in broker) delete (broker as { port?: number }).port
    const config = { assign: 'auto', ...own, broker, http: { port: ports.http, ...(own.http as object | undefined) } }
    writeFileSync(this.#configFile, JSON.stringify(config))
  }

  static async start(folder: string, options: ServeOptions = {}): Promise<RunningServer> {
    const server = new RunningServer({ mqtt: await freePort(), http: await freePort() }, folder, options)
    await server.launch()
    return server
  }

  get http(): string {
    return `http://127.0.0.1:${this.ports.http}`
  }

  get mqtt(): string {
    return `mqtt://127.0.0.1:${this.ports.mqtt}`
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  /** Starts the process and waits until it has printed its addresses. */
  async launch(): Promise<void> {
    if (!existsSync(program)) throw new Error(`${program} is not built; run npm run build`)
    const args = [program, 'serve', '--config', this.#configFile, '--data', path.join(this.folder, 'data'), ...(this.#options.args ?? [])]
    const { fileBlocks } = this.#options
    const command =
      fileBlocks === undefined
        ? [process.execPath, ...args]
        : ['bash', '-c', `ulimit -f ${fileBlocks}; exec "$@"`, 'bash', process.execPath, ...args]
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#options.env },
    })
    this.#child = child
    child.stderr.on('data', (data: Buffer) => {
      this.stderr += data.toString()
    })
    await new Promise<void>((resolve, reject) => {
      let out = ''
      child.stdout.on('data', (data: Buffer) => {
        out += data.toString()
        if (/^http/m.test(out) && out.endsWith('\n')) resolve()
      })
      child.once('exit', code => reject(new Error(`serve ended with ${code}: ${this.stderr}`)))
    })
  }

  /** `kill -9`, and starts again. */
  async killAndRestart(): Promise<void> {
    await this.kill()
    await this.launch()
  }

  /** From the next start on there is room for files of any size. */
  makeRoom(): void {
    const { fileBlocks: _, ...options } = this.#options
    this.#options = options
  }

  /** Waits until standard error matches. */
  async said(pattern: RegExp): Promise<void> {
    const child = this.#child
    while (!pattern.test(this.stderr)) {
      if (child === null || child.exitCode !== null) throw new Error(`serve ended without ${pattern}: ${this.stderr}`)
      await once(child.stderr!, 'data')
    }
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null) return
    child.removeAllListeners('exit')
    child.kill('SIGKILL')
    await once(child, 'exit')
    this.kills += 1
    this.#child = null
  }

  /** Ends it as Ctrl-C does; the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null
    child.removeAllListeners('exit')
    child.kill('SIGINT')
    await once(child, 'exit')
    this.#child = null
    return child.exitCode
  }

  async get(pathname: string): Promise<unknown> {
    const response = await fetch(`${this.http}${pathname}`)
    if (!response.ok) throw new Error(`${pathname}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `vitalwire` with these arguments to its end. */
export async function runCommand(
  args: readonly string[],
  options: { env?: Record<string, string>; timeoutMs?: number } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    cwd: repository,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 120_000)
  await once(child, 'close')
  clearTimeout(timer)
  return { code: child.exitCode, stdout, stderr }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type CommandResult, program, repository } from './running-server.js'

/** `vitalwire` as a process that goes on while the test does something to it. */
export class RunningCommand {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  stdout = ''
  stderr = ''

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      cwd: repository,
    })
    this.#closed = once(this.#child, 'close')
    this.#child.stdout!.on('data', (data: Buffer) => {
      this.stdout += data.toString()
    })
    this.#child.stderr!.on('data', (data: Buffer) => {
      this.stderr += data.toString()
    })
  }

  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(name)
  }

  async ended(): Promise<CommandResult> {
    await this.#closed
    return { code: this.#child.exitCode, stdout: this.stdout, stderr: this.stderr }
  }
}

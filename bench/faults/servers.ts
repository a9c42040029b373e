import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { waitFor } from './sleep.js'

const mosquittoPlaces = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto']
export const mosquittoPath = mosquittoPlaces.find(place => existsSync(place)) ?? null
const influxdPlaces = ['/usr/bin/influxd', '/usr/local/bin/influxd']
export const influxdPath = influxdPlaces.find(place => existsSync(place)) ?? null

/** A server of somebody else that may be killed and started again with what it kept. */
export class OtherServer {
  readonly #program: string
  readonly #args: readonly string[]
  readonly #env: Readonly<Record<string, string>>
  readonly #port: number
  #child: ChildProcess | null = null

  private constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>>, port: number) {
    this.#program = program
    this.#args = args
    this.#env = env
    this.#port = port
  }

  /** As shipped (`docker/mosquitto/mosquitto.conf`), but for TLS, passwords and the folder. */
  static mosquitto(folder: string, port: number): OtherServer {
    mkdirSync(folder, { recursive: true })
    const file = path.join(folder, 'mosquitto.conf')
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${folder}/`,
      'autosave_interval 30',
      'persistent_client_expiration 30d',
      'max_queued_messages 120000',
      'max_queued_bytes 268435456',
      'max_inflight_messages 100',
      'message_size_limit 262144',
      'set_tcp_nodelay true',
      // As root it would change to a user of its own, who may not read this folder.
      `user ${process.getuid?.() === 0 ? 'root' : 'mosquitto'}`,
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    return new OtherServer(mosquittoPath!, ['-c', file], {}, port)
  }

  static influxd(folder: string, port: number, other: number): OtherServer {
    mkdirSync(folder, { recursive: true })
    const env = {
      HOME: folder,
      INFLUXDB_META_DIR: path.join(folder, 'meta'),
      INFLUXDB_DATA_DIR: path.join(folder, 'data'),
      INFLUXDB_DATA_WAL_DIR: path.join(folder, 'wal'),
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${other}`,
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    }
    return new OtherServer(influxdPath!, ['run', '-config', '/dev/null'], env, port)
  }

  async start(): Promise<void> {
    const child = spawn(this.#program, this.#args, { stdio: 'ignore', env: { PATH: process.env.PATH ?? '', ...this.#env } })
    this.#child = child
    await waitFor(`${this.#program} on port ${this.#port}`, 30_000, async () => {
      if (child.exitCode !== null) throw new Error(`${this.#program} ended with ${child.exitCode}`)
      return accepts(this.#port)
    })
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

async function accepts(port: number): Promise<boolean> {
  const probe = connect(port, '127.0.0.1')
  const open = await new Promise<boolean>(resolve => {
    probe.once('connect', () => resolve(true))
    probe.once('error', () => resolve(false))
  })
  probe.destroy()
  return open
}

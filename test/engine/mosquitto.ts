import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from './engine-process.js'
import { until } from './engine-run.js'

const paths = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto']

/** null: Debian's package `mosquitto` is not installed. */
export const mosquittoPath = paths.find(path => existsSync(path)) ?? null

/** Certificates for the tests are made with it. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** A broker in a folder of its own. Its sessions and retained messages survive a restart. */
export class Mosquitto {
  readonly url: string
  readonly ca: string | undefined
  readonly #config: string
  readonly #port: number
  #process: ChildProcess | null = null

  private constructor(port: number, config: string, ca: string | undefined) {
    this.#port = port
    this.#config = config
    this.ca = ca
    this.url = `${ca === undefined ? 'mqtt' : 'mqtts'}://localhost:${port}`
  }

  /** `queued`: messages that it keeps for a client that is away; what exceeds them is thrown away. Default: all. */
  static async make(
    folder: string,
    options: { tls?: boolean; user?: string; password?: string; queued?: number } = {},
  ): Promise<Mosquitto> {
    const port = await freePort()
    mkdirSync(folder, { recursive: true })
    const lines = [
      `listener ${port} localhost`,
      'persistence true',
      `persistence_location ${folder}/`,
      `max_queued_messages ${options.queued ?? 0}`,
      'max_inflight_messages 0',
      `allow_anonymous ${options.user === undefined}`,
    ]
    let ca: string | undefined
    if (options.tls === true) {
      ca = makeCertificates(folder)
      lines.push(`cafile ${folder}/ca.crt`, `certfile ${folder}/server.crt`, `keyfile ${folder}/server.key`)
    }
    if (options.user !== undefined) {
      execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'passwords'), options.user, options.password ?? ''])
      lines.push(`password_file ${folder}/passwords`)
    }
    // As root it would change to a user of its own, who may not read this folder.
    lines.push(`user ${process.getuid?.() === 0 ? 'root' : 'mosquitto'}`)
    const config = join(folder, 'mosquitto.conf')
    writeFileSync(config, `${lines.join('\n')}\n`)
    return new Mosquitto(port, config, ca)
  }

  async start(): Promise<void> {
    this.#process = spawn(mosquittoPath!, ['-c', this.#config], { stdio: 'ignore' })
    await until('the broker', () => canConnect(this.#port))
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null || child.exitCode !== null) return
    const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    await exited
  }
}

/** A certificate authority and a certificate for localhost, good for a day; returns the authority's PEM. */
export function makeCertificates(folder: string): string {
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  writeFileSync(join(folder, 'names.txt'), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '1', '-subj', '/CN=test authority')
  run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost')
  run(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.crt',
    '-days',
    '1',
    '-extfile',
    'names.txt',
  )
  return readFileSync(join(folder, 'ca.crt'), 'utf8')
}

function canConnect(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, 'localhost')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

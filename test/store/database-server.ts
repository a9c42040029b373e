import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A database of Debian's, started for a test on a free port of loopback with a folder of its own. */
export interface DatabaseServer {
  readonly url: string
  /** As a crash: no farewell. Data stays. */
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

interface Recipe {
  readonly program: string
  readonly pingPath: string
  command(dir: string, port: number, other: number): { args: string[]; env: Record<string, string> }
}

export const influxd: Recipe = {
  program: '/usr/bin/influxd',
  pingPath: '/ping',
  command: (dir, port, other) => ({
    args: ['run', '-config', '/dev/null'],
    env: {
      INFLUXDB_META_DIR: join(dir, 'meta'),
      INFLUXDB_DATA_DIR: join(dir, 'data'),
      INFLUXDB_DATA_WAL_DIR: join(dir, 'wal'),
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${other}`,
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    },
  }),
}

export const victoriaMetrics: Recipe = {
  program: '/usr/bin/victoria-metrics',
  pingPath: '/health',
  command: (dir, port) => ({
    args: [`-storageDataPath=${join(dir, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`, '-search.latencyOffset=0s', '-loggerLevel=ERROR'],
    env: {},
  }),
}

/** In memory where there is such a folder: what a busy disk does to a database is not what is tested. */
const scratch = process.platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export function isInstalled(recipe: Recipe): boolean {
  return existsSync(recipe.program)
}

export async function startDatabase(recipe: Recipe): Promise<DatabaseServer> {
  const dir = mkdtempSync(join(scratch, 'vitalwire-database-'))
  const [port, other] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    const { args, env } = recipe.command(dir, port, other)
    child = spawn(recipe.program, args, { env: { PATH: process.env.PATH ?? '', HOME: dir, ...env }, stdio: 'ignore' })
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`${recipe.program} ended with ${child.exitCode}`)
      const answered = await fetch(url + recipe.pingPath).then(
        answer => answer.ok,
        () => false,
      )
      if (answered) return
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    throw new Error(`${recipe.program} does not answer`)
  }
  const kill = async (): Promise<void> => {
    const own = child
    child = null
    if (!own || own.exitCode !== null) return
    const ended = new Promise(resolve => own.once('exit', resolve))
    own.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url,
    start,
    kill,
    remove: async () => {
      await kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import path from 'node:path'
import { mosquittoPath } from '../support/mosquitto.js'
import { freePort, repository } from '../support/running-server.js'

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** `docker/first-run.mjs` with its secrets in `folder`, left to whoever runs the test. */
export function firstRun(folder: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [path.join(repository, 'docker', 'first-run.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, VITALWIRE_SECRETS: folder, VITALWIRE_SECRETS_OWN: '0', VITALWIRE_HOST_NAMES: 'ward.example,192.0.2.7' },
  })
}

/** Mosquitto with the composed service's own configuration and rights; only paths and the port are those of this machine. */
export async function startComposedBroker(folder: string, secrets: string): Promise<{ port: number; stop: () => Promise<void> }> {
  const port = await freePort()
  const acl = path.join(folder, 'acl')
  copyFileSync(path.join(repository, 'docker', 'mosquitto', 'acl'), acl)
  const config = readFileSync(path.join(repository, 'docker', 'mosquitto', 'mosquitto.conf'), 'utf8')
    .replaceAll('/secrets/', `${secrets}/mosquitto/`)
    .replace('/mosquitto/config/acl', acl)
    .replace('/mosquitto/data/', `${folder}/`)
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
  const file = path.join(folder, 'mosquitto.conf')
  // Started as root it would become a user that may not read these folders.
  writeFileSync(file, process.getuid?.() === 0 ? `${config}user root\n` : config)
  const broker: ChildProcess = spawn(mosquittoPath!, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  broker.stderr!.on('data', (data: Buffer) => {
    log += data.toString()
  })
  await Promise.race([listening(port), once(broker, 'exit').then(() => Promise.reject(new Error(log)))])
  return {
    port,
    stop: async () => {
      if (broker.exitCode !== null) return
      broker.kill('SIGTERM')
      await once(broker, 'exit')
    },
  }
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connectSocket(port, '127.0.0.1')
    const open = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

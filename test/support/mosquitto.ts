import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { freePort } from './running-server.js'

const candidates = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto']

/** Path of Mosquitto, or null where it is not installed. */
export const mosquittoPath: string | null =
  candidates.find(candidate => existsSync(candidate)) ?? (spawnSync('mosquitto', ['-h']).error === undefined ? 'mosquitto' : null)

/** Mosquitto on a free port of loopback, with its data in `folder`. */
export async function startMosquitto(folder: string, extra = ''): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  if (mosquittoPath === null) throw new Error('mosquitto is not installed')
  const port = await freePort()
  const file = path.join(folder, 'mosquitto.conf')
  const anonymous = extra.includes('password_file') ? '' : 'allow_anonymous true\n'
  writeFileSync(
    file,
    `listener ${port} 127.0.0.1\n${anonymous}persistence false\nmax_queued_messages 0\nmax_inflight_messages 100\n${extra}`,
  )
  const child: ChildProcess = spawn(mosquittoPath, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  await listening(port)
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Waits until something listens; a refused connection is tried again at once after the event loop has turned. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import path from 'node:path'
import type { JournalLevel } from '../../src/journal/journal-level.js'

const places = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto']
/** Mosquitto where a package puts it, or null. */
export const mosquittoPath = places.find(place => existsSync(place)) ?? null

export interface StartedServer {
  readonly pid: number
  stop(): Promise<void>
}

/** Starts `serve` with its data below `folder`; returns once it has printed its addresses. */
export async function startEngine(options: {
  program: string
  folder: string
  mqttPort: number
  httpPort: number
  outsideUrl: string | null
  workers: number | null
  level: JournalLevel
  nodeOptions: readonly string[]
}): Promise<StartedServer> {
  const { program, folder, mqttPort, httpPort, outsideUrl, workers, level, nodeOptions } = options
  const config = path.join(folder, 'config.json')
  const broker = outsideUrl === null ? { port: mqttPort } : { url: outsideUrl }
  writeFileSync(
    config,
    JSON.stringify({ assign: 'auto', broker, http: { port: httpPort }, journal: { level }, ...(workers === null ? {} : { workers }) }),
  )
  const args = [...nodeOptions, program, 'serve', '--config', config, '--data', path.join(folder, 'data')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  await new Promise<void>((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString()
      if (/^http.*\n/m.test(printed)) resolve()
    })
    child.once('exit', code => reject(new Error(`serve ended with ${code}: ${said}`)))
  })
  return { pid: child.pid!, stop: () => end(child, 'SIGINT') }
}

/** Mosquitto on loopback, without limits on what it queues for the engine. */
export async function startMosquitto(folder: string, port: number): Promise<StartedServer> {
  if (mosquittoPath === null) throw new Error('mosquitto is not installed')
  const file = path.join(folder, 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'max_queued_messages 0',
    'max_inflight_messages 100',
  ]
  writeFileSync(file, `${lines.join('\n')}\nset_tcp_nodelay true\n`)
  const child = spawn(mosquittoPath, ['-c', file], { stdio: 'ignore' })
  for (;;) {
    const probe = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>(resolve => {
      probe.once('connect', () => resolve(true))
      probe.once('error', () => resolve(false))
    })
    probe.destroy()
    if (open) break
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return { pid: child.pid!, stop: () => end(child, 'SIGTERM') }
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.removeAllListeners('exit')
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await exited
  clearTimeout(timer)
}

// The engine's process: what `vitalwire serve --config FILE --data DIR` runs, without the other commands around it, which
// makes its many starts cheaper. Arguments: configuration file, data folder. Prints its addresses; SIGINT ends it.
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const built = (module: string) => pathToFileURL(path.join(process.cwd(), 'dist', module)).href
const { runServer } = (await import(built('engine/run-server.js'))) as typeof import('../../src/engine/run-server.js')
const { parseConfig } = (await import(built('config/check-config.js'))) as typeof import('../../src/config/check-config.js')
const { defaultOptions } = (await import(built('engine/partition-options.js'))) as typeof import('../../src/engine/partition-options.js')

const [configFile = '', dataDir = ''] = process.argv.slice(2)
mkdirSync(dataDir, { recursive: true })
try {
  const server = await runServer({
    config: parseConfig(readFileSync(configFile, 'utf8'), configFile),
    dataDir,
    partitionOptions: defaultOptions,
    warn: line => process.stderr.write(`${line}\n`),
  })
  process.once('SIGINT', () => void server.stop())
  process.stdout.write(`${server.mqttUrl}\n${server.httpUrl}\n`)
} catch (error) {
  const { code } = error as { code?: string }
  process.stderr.write(`${(error as Error).message} [${code ?? 'defect'}]\n`)
  process.exit(3)
}

// `node training/run.js <name> [arguments]`: builds the training code and runs training/<name>/main.ts, which extracts features by
// the pipeline's own code and lets Python fit. Plain Node. The compiled code stands below node_modules/.cache, where no linter
// and no package takes it for sources.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const root = path.resolve(here, '..')
const [name, ...rest] = process.argv.slice(2)
const names = readdirSync(here).filter(entry => existsSync(path.join(here, entry, 'main.ts')))
if (!names.includes(name)) {
  process.stderr.write(`training: there is no ${name ?? 'name'} to train; accepted: ${names.join(', ')}\n`)
  process.exit(2)
}

const cache = path.join(root, 'node_modules', '.cache', 'vitalwire-training')
mkdirSync(cache, { recursive: true })
writeFileSync(path.join(cache, 'package.json'), '{ "type": "module" }\n')
const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const compiled = spawnSync(process.execPath, [compiler, '-p', path.join(here, 'tsconfig.json')], { cwd: root, stdio: ['ignore', 2, 2] })
if (compiled.status !== 0) process.exit(3)
const result = spawnSync(process.execPath, [path.join(cache, 'training', name, 'main.js'), ...rest], { cwd: root, stdio: 'inherit' })
process.exit(result.status ?? 3)

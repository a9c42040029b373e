// `npm run bench` (and `npm run bench:faults`, by the first argument `faults`): builds the engine and the benchmarks, then runs them; `-- --help` lists the options. Plain Node.
// The compiled benchmarks stand below node_modules/.cache, where no linter and no package takes them for sources.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ensureBuild, root } from '../scripts/ensure-build.js'

ensureBuild()

const cache = path.join(root, 'node_modules', '.cache', 'vitalwire-bench')
mkdirSync(cache, { recursive: true })
writeFileSync(path.join(cache, 'package.json'), '{ "type": "module" }\n')
const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const compiled = spawnSync(process.execPath, [compiler, '-p', path.join(root, 'bench', 'tsconfig.json')], {
  cwd: root,
  stdio: ['ignore', 2, 2],
})
if (compiled.status !== 0) process.exit(3)
const faults = process.argv[2] === 'faults'
const program = path.join(cache, 'bench', ...(faults ? ['faults'] : []), 'main.js')
const result = spawnSync(process.execPath, [program, ...process.argv.slice(faults ? 3 : 2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(result.status ?? 3)

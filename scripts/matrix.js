// `npm run matrix`: the whole event-hash matrix (every recording through every door), about an hour. The test suite runs a
// pairwise part of it.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { ensureBuild, root } from './ensure-build.js'

ensureBuild()
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs')
const result = spawnSync(process.execPath, [vitest, 'run', 'test/system/event-hash.test.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, VITALWIRE_MATRIX: 'full' },
})
process.exit(result.status ?? 1)

// `npm test`: every check of the project, then one line that counts them. Plain Node, no dependencies of its own.
// Options: --quick leaves out the system tests; anything else is handed to vitest.
// VITALWIRE_NO_SKIP=1 (CI) makes a skipped test a failure: there every server and recording must be at hand.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ensureBuild, root } from './ensure-build.js'

ensureBuild()

const quick = process.argv.includes('--quick')
const rest = process.argv.slice(2).filter(argument => argument !== '--quick')
const noSkip = process.env.VITALWIRE_NO_SKIP === '1'
const scratch = mkdtempSync(path.join(os.tmpdir(), 'vitalwire-test-'))
const report = path.join(scratch, 'vitest.json')
const bin = name => path.join(root, 'node_modules', name)

const checks = [
  ['type check', bin('typescript/bin/tsc'), '-p', 'tsconfig.json'],
  ['type check of the page', bin('typescript/bin/tsc'), '-p', 'src/station/tsconfig.json'],
  ['lint', bin('@biomejs/biome/bin/biome'), 'check', '.'],
  ['floating promises', bin('eslint/bin/eslint.js'), '.'],
  ['layer rules', bin('dependency-cruiser/bin/dependency-cruise.mjs'), 'src', '--config', '.dependency-cruiser.cjs'],
  ['unused code', bin('knip/bin/knip.js'), '--no-progress'],
  ['licences of dependencies', path.join(root, 'scripts', 'licences.js')],
]

let passed = 0
let failed = 0
let skipped = 0

if (rest.length === 0) {
  for (const [name, ...command] of checks) {
    const result = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' })
    if (result.status === 0) {
      passed += 1
      process.stdout.write(`ok ${name}\n`)
    } else {
      failed += 1
      process.stdout.write(`FAILED ${name}\n`)
    }
  }
}

const vitest = [bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
if (quick) vitest.push('--exclude', 'test/system/**')
const result = spawnSync(process.execPath, [...vitest, ...rest], { cwd: root, stdio: 'inherit' })
try {
  const summary = JSON.parse(readFileSync(report, 'utf8'))
  passed += summary.numPassedTests
  failed += summary.numFailedTests
  skipped += summary.numPendingTests + (summary.numTodoTests ?? 0)
  for (const file of summary.testResults) {
    // A file that fails outside its tests counts as one failure.
    if (file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed')) failed += 1
    for (const test of file.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped') process.stdout.write(`skipped: ${test.fullName}\n`)
    }
  }
  if (noSkip && skipped > 0) {
    process.stdout.write(`FAILED no test may be skipped here, ${skipped} were (named above)\n`)
    failed += 1
  }
  if (result.status !== 0 && failed === 0) failed += 1
} catch (error) {
  process.stdout.write(`FAILED vitest left no report: ${error.message}\n`)
  failed += 1
}
rmSync(scratch, { recursive: true, force: true })
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
process.exit(failed === 0 ? 0 : 1)

// Makes sure that packages are installed and the build is newer than its sources. Plain Node, no dependencies: it runs
// in a fresh clone before anything else is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

const oldestNode = [20, 19]

/** Newest modification time of the files below a folder, in milliseconds. */
function newest(folder) {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name)
    latest = Math.max(latest, entry.isDirectory() ? newest(full) : statSync(full).mtimeMs)
  }
  return latest
}

function modified(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0
}

/** Runs npm with its output on standard error, so that standard output stays the command's own. */
function npm(...args) {
  const result = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (result.status !== 0) {
    process.stderr.write(`vitalwire: \`npm ${args.join(' ')}\` failed in ${root}; mend what it names above and start again\n`)
    process.exit(3)
  }
}

export function ensureBuild() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    process.stderr.write(`vitalwire: needs Node ${oldestNode.join('.')} or newer, this is ${process.versions.node}\n`)
    process.exit(3)
  }
  // By content, not by time: a checkout touches the lock file without changing it.
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = path.join(root, 'node_modules', '.vitalwire-lock')
  const byHand = modified(path.join(root, 'node_modules', '.package-lock.json')) >= modified(path.join(root, 'package-lock.json'))
  if (!(existsSync(stamp) && readFileSync(stamp, 'utf8') === lock)) {
    if (!byHand) {
      process.stderr.write('vitalwire: installing packages (once)\n')
      npm('ci', '--no-audit', '--no-fund')
    }
    writeFileSync(stamp, lock)
  }
  const built = modified(path.join(root, 'dist', '.built'))
  const sources = Math.max(
    newest(path.join(root, 'src')),
    newest(path.join(root, 'native')),
    modified(path.join(root, 'package.json')),
    modified(path.join(root, 'tsconfig.build.json')),
  )
  if (built < sources) {
    process.stderr.write('vitalwire: building (once)\n')
    npm('run', '--silent', 'build')
  }
}

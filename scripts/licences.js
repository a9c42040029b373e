// Checks that every installed production dependency has a licence that goes with Apache-2.0, and with --sbom writes the
// software bill of materials (CycloneDX, by npm) to sbom.json. Plain Node.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './ensure-build.js'

const accepted = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
  'Zlib',
])

/** Whether an SPDX expression leaves at least one accepted choice. */
function isAccepted(expression) {
  if (typeof expression !== 'string') return false
  const plain = expression.replace(/[()]/g, '')
  return plain.split(/\s+OR\s+/).some(choice => choice.split(/\s+AND\s+/).every(part => accepted.has(part.trim())))
}

const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
const refused = []
let count = 0
for (const [location, entry] of Object.entries(lock.packages)) {
  if (location === '' || entry.dev || entry.link) continue
  count += 1
  let licence = entry.license
  if (licence === undefined) {
    try {
      const manifest = JSON.parse(readFileSync(path.join(root, location, 'package.json'), 'utf8'))
      licence = manifest.license?.type ?? manifest.license ?? manifest.licenses?.[0]?.type
    } catch {
      // An optional package that did not install on this machine.
      if (entry.optional) continue
    }
  }
  if (!isAccepted(licence)) refused.push(`${location} ${entry.version}: ${licence ?? 'no licence named'}`)
}
if (refused.length > 0) {
  process.stderr.write(`licences that are not accepted (${[...accepted].join(', ')}):\n${refused.join('\n')}\n`)
  process.exit(1)
}
process.stdout.write(`${count} production dependencies, all under accepted licences\n`)

if (process.argv.includes('--sbom')) {
  const sbom = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (sbom.status !== 0) {
    process.stderr.write(sbom.stderr)
    process.exit(3)
  }
  writeFileSync(path.join(root, 'sbom.json'), sbom.stdout)
  process.stdout.write('wrote sbom.json\n')
}

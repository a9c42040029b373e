#!/usr/bin/env node
// Brings the file facts of datasets/<name>/manifest.json up to date with a set at hand: count, sizes, checksums.
// usage: node scripts/dataset-manifests.mjs DATASETS_FOLDER [NAME ...]
// The other facts (origin, licence, meaning) are written by hand in the manifests and kept as they are.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Sets with more files than this are described by one checksum over all (`treeSha256`) instead of file by file. */
const listedFiles = 300

const [root, ...names] = process.argv.slice(2)
if (root === undefined) {
  console.error('usage: node scripts/dataset-manifests.mjs DATASETS_FOLDER [NAME ...]')
  process.exit(2)
}

const manifests = fileURLToPath(new URL('../datasets/', import.meta.url))

function listFiles(folder, below = '') {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap(entry => {
    if (entry.name.startsWith('.')) return []
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    return entry.isDirectory() ? listFiles(folder, path) : [path]
  })
}

for (const name of names.length > 0 ? names : readdirSync(manifests)) {
  const file = join(manifests, name, 'manifest.json')
  const folder = join(root, name)
  if (!existsSync(file)) continue
  if (!existsSync(folder)) {
    console.error(`${name}: not in ${root}, left as it is`)
    continue
  }
  const files = listFiles(folder)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map(path => {
      const bytes = readFileSync(join(folder, path))
      return [path, statSync(join(folder, path)).size, createHash('sha256').update(bytes).digest('hex')]
    })
  const tree = createHash('sha256')
  for (const [path, , sha256] of files) tree.update(`${sha256}  ${path}\n`)
  const { files: _files, ...facts } = JSON.parse(readFileSync(file, 'utf8'))
  facts.fileCount = files.length
  facts.bytes = files.reduce((sum, [, bytes]) => sum + bytes, 0)
  facts.treeSha256 = tree.digest('hex')
  // One row a file, so that a change of one shows as one line.
  const rows = files.length < listedFiles ? `[\n${files.map(row => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]` : 'null'
  const text = JSON.stringify(facts, null, 2).replace(/\n}$/, `,\n  "files": ${rows}\n}\n`)
  writeFileSync(file, text)
  console.log(`${name}: ${facts.fileCount} files, ${facts.bytes} bytes`)
}

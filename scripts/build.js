// Builds dist/: the engine by the TypeScript compiler, the station page by vite; a stamp says when both were done.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './ensure-build.js'

function run(binary, ...args) {
  const result = spawnSync(process.execPath, [path.join(root, 'node_modules', binary), ...args], { cwd: root, stdio: 'inherit' })
  if (result.status !== 0) process.exit(result.status ?? 1)
}

run('typescript/bin/tsc', '-p', 'tsconfig.build.json')
await import('./build-native.js')
run('vite/bin/vite.js', 'build', '--config', 'src/station/vite.config.js', '--logLevel', 'warn')
writeFileSync(path.join(root, 'dist', '.built'), `${new Date().toISOString()}\n`)

// Builds the kernels as WebAssembly with SIMD into src/kernel/wasm-module.ts, by Debian's clang and lld (`apt-get install
// clang lld`; CLANG names another). What it writes is committed, so that no one else needs them; a test holds the checksum of
// the sources against it. Run it whenever native/kernels.[ch] change.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './ensure-build.js'
import { kernelSourceHash, native } from './kernel-sources.js'

const flags = ['--target=wasm32', '-O3', '-msimd128', '-mbulk-memory', '-ffp-contract=off', '-fno-fast-math', '-nostdlib']
const link = ['--no-entry', '--export=__heap_base', '--strip-all', '-z', 'stack-size=16384'].map(flag => `-Wl,${flag}`)

const scratch = mkdtempSync(path.join(os.tmpdir(), 'vitalwire-wasm-'))
const built = path.join(scratch, 'kernels.wasm')
const clang = process.env.CLANG ?? 'clang'
const args = [...flags, '-fvisibility=hidden', ...link, '-o', built, path.join(native, 'kernels.c')]
const result = spawnSync(clang, args, { stdio: 'inherit' })
if (result.status !== 0) {
  process.stderr.write(`build-wasm: ${clang} failed; it needs clang with the WebAssembly target, and lld\n`)
  process.exit(3)
}
const bytes = readFileSync(built)
rmSync(scratch, { recursive: true, force: true })
const text = bytes
  .toString('base64')
  .match(/.{1,128}/g)
  .map(line => `  '${line}',`)
  .join('\n')
writeFileSync(
  path.join(root, 'src', 'kernel', 'wasm-module.ts'),
  `// Written by scripts/build-wasm.js from native/kernels.[ch]; not to be edited.
/** Of the sources that the module, and the native kernel beside it, are made from. */
export const kernelSourceHash = '${kernelSourceHash()}'

/** The module in base64, ${bytes.length} bytes. */
export const wasmModule = [
${text}
].join('')
`,
)
process.stdout.write(`src/kernel/wasm-module.ts: ${bytes.length} bytes of WebAssembly from sources ${kernelSourceHash()}\n`)

// Builds dist/native/kernel.node, the kernels for x86-64 Linux, with the C compiler that is here (CC, cc, gcc or clang).
// Without one, or on another machine, nothing is built and the WebAssembly kernel runs: a line says so. Never fails a build.
// VITALWIRE_NATIVE=off leaves it out. No network: the headers are those of the running Node, or of node-api-headers.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './ensure-build.js'
import { kernelSourceHash, native } from './kernel-sources.js'

/** No fused multiply-add, no reassociation: every kernel gives the bits of the reference. */
const flags = ['-std=gnu11', '-O3', '-fPIC', '-fvisibility=hidden', '-ffp-contract=off', '-fno-fast-math', '-Wall', '-Wextra']
const instructionSets = [
  { isa: 'sse2', lanes: 2, flags: ['-msse2'] },
  { isa: 'avx2', lanes: 4, flags: ['-mavx2', '-msse4.2'] },
  { isa: 'avx512', lanes: 8, flags: ['-mavx512f', '-msse4.2'] },
]

const target = path.join(root, 'dist', 'native', 'kernel.node')

const reason = await buildAddon()
if (reason === null) process.stdout.write('kernel: native, for SSE2, AVX2 and AVX-512\n')
else process.stdout.write(`kernel: WebAssembly; no native one was built: ${reason}\n`)

/** Null when it was built, else why not. */
async function buildAddon() {
  rmSync(target, { force: true })
  if (process.env.VITALWIRE_NATIVE === 'off') return 'VITALWIRE_NATIVE=off'
  if (process.platform !== 'linux' || process.arch !== 'x64') return `it is for linux x64, this is ${process.platform} ${process.arch}`
  const headers = await findHeaders()
  if (headers === null) return 'node_api.h is neither beside this Node nor in node_modules/node-api-headers'
  const compiler = [process.env.CC, 'cc', 'gcc', 'clang'].find(name => name && spawnSync(name, ['--version']).status === 0)
  if (compiler === undefined) return 'there is no C compiler (CC, cc, gcc, clang)'
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'vitalwire-kernel-'))
  try {
    const objects = []
    for (const { isa, lanes, flags: own } of instructionSets) {
      const object = path.join(scratch, `${isa}.o`)
      const names = [`-DVECTOR=${lanes}`, `-DTABLE=kernels_${isa}`, `-DISA="${isa}"`]
      const failed = compile(compiler, [...flags, ...own, ...names, '-c', path.join(native, 'kernels.c'), '-o', object])
      if (failed) return failed
      objects.push(object)
    }
    const built = path.join(scratch, 'kernel.node')
    const names = [`-DSOURCE_HASH="${kernelSourceHash()}"`, `-I${headers}`]
    const failed = compile(compiler, [...flags, ...names, '-shared', path.join(native, 'addon.c'), ...objects, '-o', built])
    if (failed) return failed
    mkdirSync(path.dirname(target), { recursive: true })
    // The temporary folder may be on another disk; a kernel that runs must not be written into.
    const beside = `${target}.${process.pid}`
    const copied = spawnSync('cp', [built, beside])
    if (copied.status !== 0) return `it could not be copied to ${beside}`
    renameSync(beside, target)
    return null
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function findHeaders() {
  const beside = path.resolve(path.dirname(process.execPath), '..', 'include', 'node')
  if (existsSync(path.join(beside, 'node_api.h'))) return beside
  try {
    return (await import('node-api-headers')).default.include_dir
  } catch {
    return null
  }
}

/** Null, or the first line of what the compiler says against it. */
function compile(compiler, args) {
  const result = spawnSync(compiler, args, { encoding: 'utf8' })
  if (result.status === 0) return null
  return `${compiler}: ${(result.stderr ?? '').split('\n').find(line => line.includes('error')) ?? 'failed'}`
}

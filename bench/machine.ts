import { execFileSync } from 'node:child_process'
import os from 'node:os'

/** Where and of what a result was taken; stands in every result file. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  readonly v8: string
  /** Load averages over 1, 5 and 15 minutes when the run began: what else the machine was doing. */
  readonly load: readonly number[]
  readonly commit: string
  /** Files below src/ and native/ differed from the commit. */
  readonly modified: boolean
}

export function describeMachine(): Machine {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round((os.totalmem() / 2 ** 30) * 10) / 10,
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    node: process.version,
    v8: process.versions.v8,
    load: os.loadavg().map(load => Math.round(load * 100) / 100),
    commit: git('rev-parse', '--short=12', 'HEAD') || 'unknown',
    modified: git('status', '--porcelain', '--', 'src', 'native') !== '',
  }
}

/** Two results may be held against each other only when these agree. */
export function sameMachine(a: Machine, b: Machine): boolean {
  return a.cpu === b.cpu && a.cores === b.cores && a.node === b.node
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

import { type Machine, sameMachine } from './machine.js'
import type { CaseResult } from './micro/measure-case.js'
import type { PipelineResult } from './pipeline/measure-pipeline.js'

export interface StoredResults {
  readonly machine: Machine
  readonly micro?: readonly CaseResult[]
  readonly pipeline?: readonly PipelineResult[]
}

export interface Loss {
  readonly what: string
  /** Now over then, below 1 a loss. */
  readonly factor: number
}

/**
 * What has become slower by more than `tolerance` (a fraction). Micro-benchmarks are compared by their ratio to the
 * baseline that took turns with them, so a busy machine does not look like a slow program; pipelines by CPU time.
 * Throws when the results are of different machines.
 */
export function findLosses(now: StoredResults, then: StoredResults, tolerance: number): Loss[] {
  if (!sameMachine(now.machine, then.machine)) {
    throw new Error(
      `the stored result is of another machine or Node (${then.machine.cpu}, ${then.machine.node}); accepted is one of this machine`,
    )
  }
  const factors: Loss[] = []
  for (const { name, ratio } of now.micro ?? []) {
    const before = then.micro?.find(other => other.name === name)
    if (before !== undefined) factors.push({ what: name, factor: ratio.median / before.ratio.median })
  }
  for (const { name, source, monitor } of now.pipeline ?? []) {
    const before = then.pipeline?.find(other => other.name === name && other.source === source)
    if (before !== undefined) factors.push({ what: `pipeline ${name}`, factor: monitor.median / before.monitor.median })
  }
  return factors.filter(({ factor }) => factor < 1 - tolerance)
}

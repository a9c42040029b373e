import { Worker } from 'node:worker_threads'
import { noPartition } from '../journal/segment-format.js'
import { JournalFolder } from './journal-folder.js'
import { type Agreement, type ChangedSettings, type RerunResult, rerunPartitions } from './rerun-partitions.js'

export interface RerunRequest {
  readonly dir: string
  readonly change: ChangedSettings
  /** Threads that share the partitions. */
  readonly workers: number
}

/** All partitions of a journal through their machines again, on several cores. */
export async function rerunJournal({ dir, change, workers }: RerunRequest): Promise<RerunResult> {
  if (workers <= 1) return rerunPartitions(dir, change, null)
  const shares = sharePartitions(partitionBytes(new JournalFolder(dir)), workers)
  if (shares.length <= 1) return rerunPartitions(dir, change, null)
  return joinResults(await Promise.all(shares.map(share => inThread({ dir, change, partitions: share }))))
}

/** What a thread is given. */
export interface RerunShare {
  readonly dir: string
  readonly change: ChangedSettings
  readonly partitions: readonly number[]
}

async function inThread(share: RerunShare): Promise<RerunResult> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./rerun-worker.js', import.meta.url), { workerData: share })
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', code => reject(new Error(`the thread ended with ${code} and no result`)))
  })
}

function partitionBytes(folder: JournalFolder): Map<number, number> {
  const bytes = new Map<number, number>()
  for (const kind of ['journal', 'events'] as const)
    for (const { partition, length } of folder.raw(kind)) bytes.set(partition, (bytes.get(partition) ?? 0) + length)
  bytes.delete(noPartition)
  return bytes
}

/** The largest first, each to the share that has least. */
function sharePartitions(bytes: ReadonlyMap<number, number>, count: number): number[][] {
  const shares = Array.from({ length: Math.max(1, count) }, () => ({ partitions: [] as number[], bytes: 0 }))
  for (const [partition, size] of [...bytes].sort((a, b) => b[1] - a[1])) {
    const least = shares.reduce((a, b) => (b.bytes < a.bytes ? b : a))
    least.partitions.push(partition)
    least.bytes += size
  }
  return shares.map(({ partitions }) => partitions).filter(partitions => partitions.length > 0)
}

function joinResults(results: readonly RerunResult[]): RerunResult {
  const sum = (of: (result: RerunResult) => number) => results.reduce((total, result) => total + of(result), 0)
  const agreement: Agreement = {
    same: sum(result => result.agreement.same),
    different: sum(result => result.agreement.different),
    ahead: sum(result => result.agreement.ahead),
    notRun: sum(result => result.agreement.notRun),
    first: results.map(result => result.agreement.first).find(first => first !== null) ?? null,
  }
  const problems = new Map(results.flatMap(result => result.problems.map(problem => [problem.file, problem] as const)))
  return {
    partitions: sum(result => result.partitions),
    records: sum(result => result.records),
    events: sum(result => result.events),
    agreement,
    begins: results.flatMap(result => result.begins),
    broken: results.flatMap(result => result.broken),
    patients: results.flatMap(result => result.patients).sort((a, b) => (a.patient < b.patient ? -1 : 1)),
    problems: [...problems.values()],
  }
}

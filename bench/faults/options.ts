import { parseArgs } from 'node:util'

export interface FaultOptions {
  readonly seeds: number
  readonly from: number
  /** Seeds at the same time. */
  readonly jobs: number
  readonly save: boolean
  /** Folder that failed seeds leave their data in; null: nothing is kept. */
  readonly keep: string | null
}

export const help = `npm run bench:faults -- [options]
Runs seeded devices against the engine while it is killed, paused, cut off and starved, and checks what came of it.
Exit 1 when a seed fails; the report says how to run it again.
  --seeds N    seeds to run (default 10)
  --from SEED  first seed (default 1)
  --jobs N     seeds at the same time (default 1): most of a seed is waiting
  --keep DIR   leaves the folder of a failed seed in DIR
  --save       writes bench/results/DATE-faults.json`

/** Throws Error with what is accepted. */
export function readFaultOptions(args: readonly string[]): FaultOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean' },
      seeds: { type: 'string', default: '10' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      keep: { type: 'string' },
      save: { type: 'boolean', default: false },
    },
  })
  if (values.help === true) return 'help'
  return {
    seeds: whole('seeds', values.seeds, 1, 10_000),
    from: whole('from', values.from, 0, 1_000_000_000),
    jobs: whole('jobs', values.jobs, 1, 16),
    save: values.save,
    keep: values.keep ?? null,
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new Error(`--${name} ${text}; accepted is a whole number from ${least} to ${most}`)
  }
  return value
}

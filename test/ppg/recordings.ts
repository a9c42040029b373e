import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { StreamChain } from '../../src/signal/chain.js'
import type { Observation } from '../../src/signal/observation.js'

/** Folder of a dataset, or null when it is not at hand. */
export function datasetFolder(name: string): string | null {
  const root = process.env.VITALWIRE_DATASETS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vitalwire', 'datasets')
  const folder = join(root, name)
  return existsSync(folder) ? folder : null
}

/** A one-channel WFDB file of format 16 in physical units; -32768 is missing. */
export function readFormat16(path: string, gain: number, baseline: number): Float64Array {
  const bytes = readFileSync(path)
  return Float64Array.from({ length: bytes.length >> 1 }, (_, i) => {
    const value = bytes.readInt16LE(2 * i)
    return value === -32768 ? Number.NaN : (value - baseline) / gain
  })
}

/** One column of the monitor's numerics of mimic4wdb: seconds since the segment began, and the number. */
export function readMonitor(folder: string, column: string, untilSeconds: number): { t: number; value: number }[] {
  const [header, ...lines] = readFileSync(join(folder, '85594648n.csv'), 'utf8').split('\n')
  const at = header!.split(',').findIndex(name => name.replaceAll('"', '') === column)
  const numbers: { t: number; value: number }[] = []
  for (const line of lines) {
    const fields = line.split(',')
    const t = Number(fields[0]) / 999.56
    if (t > untilSeconds) break
    if (fields[at]) numbers.push({ t, value: Number(fields[at]) })
  }
  return numbers
}

/** All that a chain says of whole channels, pushed in blocks of a thousand samples. */
export function say(chain: StreamChain, channels: readonly Float64Array[]): Observation[] {
  const said: Observation[] = []
  for (let start = 0; start < channels[0]!.length; start += 1000) {
    const pieces = channels.map(channel => channel.subarray(start, start + 1000))
    chain.push({ start, length: pieces[0]!.length, flags: 0, channels: pieces }, observation => said.push(observation))
  }
  chain.flush(observation => said.push(observation))
  return said
}

export interface Agreement {
  readonly lag: number
  /** Share of the reference's numbers for which there is one of ours. */
  readonly coverage: number
  readonly medianError: number
  /** Share of the reference's numbers that ours meets within 2 /min. */
  readonly within2: number
}

/** Ours (the newest number at that time, at most `patience` seconds old) against a monitor, at the lag 0 to 15 s that suits best. */
export function compare(
  said: readonly Observation[],
  name: string,
  fs: number,
  reference: readonly { t: number; value: number }[],
  patience = 1.5,
): Agreement {
  const numbers = said.filter(each => each.kind === 'measurement').filter(each => each.name === name)
  let best: Agreement | null = null
  for (let lag = 0; lag <= 15; lag += 1) {
    let at = -1
    const errors: number[] = []
    for (const { t, value } of reference) {
      const index = (t - lag) * fs
      while (at + 1 < numbers.length && numbers[at + 1]!.to <= index) at += 1
      const ours = numbers[at]
      if (ours && ours.value !== null && index - ours.to < patience * fs) errors.push(Math.abs(ours.value - value))
    }
    errors.sort((a, b) => a - b)
    const agreement = {
      lag,
      coverage: errors.length / reference.length,
      medianError: errors[errors.length >> 1] ?? Number.NaN,
      within2: errors.filter(error => error <= 2).length / reference.length,
    }
    if (best === null || agreement.within2 > best.within2) best = agreement
  }
  return best!
}

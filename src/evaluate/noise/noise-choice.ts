import { stat } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { datasetFolder } from '../../recording/datasets.js'
import type { NoiseChoice, NoisePanel } from '../evaluation-request.js'

/** Records of `mitdb` that are clean enough for noise to be what makes them hard. */
const panelRecords = ['100', '103', '113', '115', '118', '119', '122', '123', '200', '202', '208', '213', '217', '221', '231']

/** The two records and six levels of NSTDB, and a wider panel of records with two kinds of noise. */
const standardPanels: readonly NoisePanel[] = [
  { name: 'nstdb', records: ['118', '119'], kinds: ['em'], snrs: [24, 18, 12, 6, 0, -6] },
  { name: 'wide', records: panelRecords, kinds: ['em', 'ma'], snrs: [24, 12, 6, 0] },
]

export interface NoiseFlags {
  readonly folder: string | null
  readonly kinds: readonly string[] | null
  readonly snrs: readonly number[] | null
}

/** Own records, kinds or levels make one panel of their own; what is not said is as in the wide panel. */
export async function chooseNoise(flags: NoiseFlags, database: string, records: readonly string[] | null): Promise<NoiseChoice> {
  const folder = flags.folder === null ? await findNoise(database) : path.resolve(flags.folder)
  if (flags.kinds === null && flags.snrs === null && records === null) return { folder, panels: standardPanels }
  const panel: NoisePanel = {
    name: 'own',
    records: records ?? panelRecords,
    kinds: flags.kinds ?? ['em', 'ma'],
    snrs: flags.snrs ?? [24, 12, 6, 0],
  }
  return { folder, panels: [panel] }
}

async function findNoise(database: string): Promise<string> {
  const beside = path.join(path.dirname(database), 'nstdb')
  if ((await stat(beside).catch(() => null))?.isDirectory()) return beside
  return datasetFolder('nstdb')
}

/** `24,12,-6`. Throws `usage-option`. */
export function parseSnrs(text: string): number[] {
  const values = text.split(',').map(part => (part.trim() === '' ? Number.NaN : Number(part)))
  if (values.every(value => Number.isFinite(value) && Math.abs(value) <= 100)) return values
  throw new VitalwireError(
    'usage-option',
    `--snr ${JSON.stringify(text)} is not accepted; accepted: decibels from -100 to 100, separated by commas`,
  )
}

/** `em,ma`. Throws `usage-option`. */
export function parseKinds(text: string): string[] {
  const names = text.split(',').map(part => part.trim())
  if (names.every(name => /^[A-Za-z0-9_-]+$/.test(name))) return names
  throw new VitalwireError(
    'usage-option',
    `--kinds ${JSON.stringify(text)} is not accepted; accepted: names of noise recordings, separated by commas`,
  )
}

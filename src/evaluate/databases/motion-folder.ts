import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { requireDatabase } from '../database.js'
import type { MotionRecord } from './motion-record.js'
import { listSisfall, readSisfall } from './sisfall-folder.js'
import { listUmafall, readUmafall } from './umafall-folder.js'

export interface MotionEntry {
  readonly record: string
  read(): Promise<MotionRecord>
}

/**
 * Recordings of falls and daily activities below a folder: SisFall in it or in `sisfall/`, UMAFall in it or in `umafall/`. Throws
 * `recording-missing` when there is none.
 */
export async function listMotion(folder: string): Promise<MotionEntry[]> {
  await requireDatabase(folder)
  const sisfall = (await Promise.all([folder, path.join(folder, 'sisfall')].map(listSisfall))).flat()
  const umafall = (await Promise.all([folder, path.join(folder, 'umafall')].map(listUmafall))).flat()
  const entries = [
    ...sisfall.map(entry => ({ record: entry.record, read: () => readSisfall(entry) })),
    ...umafall.map(entry => ({ record: entry.record, read: () => readUmafall(entry) })),
  ]
  if (entries.length > 0) return entries
  throw new VitalwireError(
    'recording-missing',
    `${folder} has no recordings of SisFall or UMAFall; accepted: PERSON/D01_PERSON_R01.txt or UMAFall_*.csv, in it or in sisfall/ and umafall/`,
  )
}

import { readFile } from 'node:fs/promises'
import { type AttributesFile, parseAttributesFile } from '../config/attributes-file.js'
import { type CalibrationsFile, parseCalibrationsFile } from '../config/calibrations-file.js'
import { type LimitsFile, parseLimitsFile } from '../config/limits-file.js'
import { defaultOptions, type PartitionOptions } from '../engine/partition-options.js'
import { VitalwireError } from '../errors.js'
import type { AveragingSeconds } from '../oximetry/oximetry-chain.js'

/** Text of a configuration file that a person named; a missing one is wrong use. */
export async function readNamedFile(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : `cannot be read (${(error as Error).message})`
    throw new VitalwireError('usage-config', `${what} ${path} ${reason}; accepted is the path of a readable JSON file`, { cause: error })
  }
}

export async function readLimits(path: string | undefined): Promise<LimitsFile> {
  return path === undefined ? { rules: {}, prescriptions: [] } : parseLimitsFile(await readNamedFile(path, 'limits file'), path)
}

export async function readAttributes(path: string | undefined): Promise<AttributesFile> {
  return path === undefined ? defaultOptions.attributes : parseAttributesFile(await readNamedFile(path, 'attributes file'), path)
}

export async function readCalibrations(path: string | undefined): Promise<CalibrationsFile> {
  return path === undefined ? { calibrations: [] } : parseCalibrationsFile(await readNamedFile(path, 'calibrations file'), path)
}

export interface OptionFiles {
  readonly limits?: string
  readonly attributes?: string
  readonly calibrations?: string
}

/** All files; the mistakes of all are told at once. */
export async function readPartitionOptions(files: OptionFiles, averagingSeconds: AveragingSeconds): Promise<PartitionOptions> {
  const [limits, attributes, curves] = await Promise.allSettled([
    readLimits(files.limits),
    readAttributes(files.attributes),
    readCalibrations(files.calibrations),
  ])
  if (limits.status === 'fulfilled' && attributes.status === 'fulfilled' && curves.status === 'fulfilled') {
    const { rules, prescriptions } = limits.value
    return { limits: rules, prescriptions, attributes: attributes.value, oximetry: { averagingSeconds, ...curves.value } }
  }
  const failures = [limits, attributes, curves].flatMap(read => (read.status === 'rejected' ? [read.reason as Error] : []))
  if (failures.length === 1 || !failures.every(failure => failure instanceof VitalwireError)) throw failures[0]
  throw new VitalwireError('usage-config', failures.map(failure => failure.message).join('\n'))
}

import path from 'node:path'
import { VitalwireError } from '../errors.js'
import { readRecordsFile } from '../evaluate/database.js'
import type { EvaluationRequest, TestChoice } from '../evaluate/evaluation-request.js'
import { chooseNoise, parseKinds, parseSnrs } from '../evaluate/noise/noise-choice.js'
import type { Suite } from '../evaluate/suite.js'
import { parseChannels, parseNumber } from './options.js'

/** Options of the command as they were given. */
export interface EvaluateFlags {
  database?: string
  records?: string
  channels?: string
  reference?: string
  test?: string
  annotations?: string
  program?: string
  patience?: string
  stage?: string
  compare?: string
  from?: string
  to?: string
  window?: string
  packet?: string
  format?: string
  noise?: string
  kinds?: string
  snr?: string
  verify?: string
  json?: boolean
  out?: string
}

/** What a suite is asked for. Throws `usage-option`, and what finding noise recordings throws. */
export async function readRequest(suite: Suite, flags: EvaluateFlags): Promise<EvaluationRequest> {
  if (flags.database === undefined && suite.ownSignals === undefined) {
    throw new VitalwireError('usage-option', `evaluate ${suite.name} needs --database; accepted: ${suite.layout}`)
  }
  refuseOthers(suite, flags)
  const database = flags.database === undefined ? '' : path.resolve(flags.database)
  const folder = flags.annotations === undefined ? database : path.resolve(flags.annotations)
  const records = flags.records === undefined ? null : await readRecordsFile(flags.records)
  const noise = {
    folder: flags.noise ?? null,
    kinds: flags.kinds === undefined ? null : parseKinds(flags.kinds),
    snrs: flags.snr === undefined ? null : parseSnrs(flags.snr),
  }
  const from = flags.from === undefined ? (suite.fromSeconds ?? 0) : parseNumber(flags.from, '--from (seconds)', 0, Number.MAX_VALUE)
  return {
    suite: suite.name,
    database,
    records,
    channels: flags.channels === undefined ? null : parseChannels(flags.channels),
    reference: flags.reference ?? 'atr',
    test: readTest(flags, folder),
    compare: flags.compare === undefined ? null : { annotator: flags.compare, folder },
    from,
    to: flags.to === undefined ? null : parseNumber(flags.to, '--to (seconds)', from, Number.MAX_VALUE),
    windowSeconds: parseNumber(flags.window ?? '0.15', '--window (seconds)', 0.001, 10),
    packetSeconds: parseNumber(flags.packet ?? '0.04', '--packet (seconds)', 0.001, 10),
    noise: suite.name === 'noise' ? await chooseNoise(noise, database, records) : null,
  }
}

/** An option that a suite has no use for is a mistake, never passed over. */
function refuseOthers(suite: Suite, flags: EvaluateFlags): void {
  const wrong = namesOf(flags).find(name => !takesOption(suite, name))
  if (wrong !== undefined) {
    const accepted = optionNames.filter(name => takesOption(suite, name)).map(name => `--${name}`)
    throw new VitalwireError('usage-option', `evaluate ${suite.name} takes no --${wrong}; accepted: ${accepted.join(', ')}`)
  }
  if (flags.annotations !== undefined && flags.test === undefined && flags.compare === undefined) {
    throw new VitalwireError('usage-option', '--annotations is of no use alone; accepted: beside --test or --compare')
  }
  if (flags.patience !== undefined && flags.program === undefined) {
    throw new VitalwireError('usage-option', '--patience is of no use alone; accepted: beside --program')
  }
}

/** With `--verify` the manifest says what is run. Throws `usage-option` for options that would say otherwise. */
export function refuseBesideVerify(flags: EvaluateFlags): void {
  const accepted: readonly string[] = ['verify', 'database', 'noise', 'out', 'json']
  const wrong = namesOf(flags).find(name => !accepted.includes(name))
  if (wrong === undefined) return
  throw new VitalwireError(
    'usage-option',
    `--${wrong} is not accepted beside --verify, whose manifest says it; accepted: --database, --noise, --out, --json`,
  )
}

/** In the order of the help. */
const optionNames = [
  'database',
  'records',
  'channels',
  'reference',
  'test',
  'annotations',
  'program',
  'patience',
  'stage',
  'compare',
  'from',
  'to',
  'window',
  'packet',
  'noise',
  'kinds',
  'snr',
  'format',
  'verify',
  'out',
  'json',
] as const satisfies readonly (keyof EvaluateFlags)[]
type OptionName = (typeof optionNames)[number]

function namesOf(flags: EvaluateFlags): OptionName[] {
  return optionNames.filter(name => flags[name] !== undefined)
}

function takesOption(suite: Suite, name: OptionName): boolean {
  switch (name) {
    case 'database':
      return suite.ownSignals !== true
    case 'from':
    case 'to':
      return suite.fromSeconds !== null
    case 'test':
    case 'annotations':
      return suite.tests.includes('annotations') || (name === 'annotations' && suite.takes.includes('compare'))
    case 'program':
    case 'patience':
      return suite.tests.includes('program')
    case 'stage':
      return suite.tests.includes('stage')
    case 'kinds':
    case 'snr':
      return suite.takes.includes('noise')
    case 'records':
    case 'verify':
    case 'out':
    case 'json':
      return true
    default:
      return suite.takes.includes(name)
  }
}

/** At most one of the options that name a test. */
function readTest(flags: EvaluateFlags, folder: string): TestChoice {
  const named = [
    ...(flags.test === undefined ? [] : ['--test']),
    ...(flags.program === undefined ? [] : ['--program']),
    ...(flags.stage === undefined ? [] : ['--stage']),
  ]
  if (named.length > 1) throw new VitalwireError('usage-option', `${named.join(' and ')} exclude each other; accepted: one of them`)
  return chooseTest(flags, folder)
}

function chooseTest(flags: EvaluateFlags, folder: string): TestChoice {
  if (flags.test !== undefined) return { kind: 'annotations', annotator: flags.test, folder }
  if (flags.program?.trim() === '') throw new VitalwireError('usage-option', '--program is empty; accepted: a command line')
  if (flags.program !== undefined) {
    return {
      kind: 'program',
      command: flags.program,
      timeoutSeconds: parseNumber(flags.patience ?? '120', '--patience (seconds)', 0.1, 86_400),
    }
  }
  return flags.stage === undefined ? { kind: 'pipeline' } : { kind: 'stage', file: path.resolve(flags.stage) }
}

import { VitalwireError } from '../errors.js'
import { hasRecord, listRecords, requireDatabase } from './database.js'
import type { EvaluationRequest } from './evaluation-request.js'

/** More names than these in a message help nobody. */
const mostNamed = 6

type Asked = Pick<EvaluationRequest, 'suite' | 'database' | 'records'>

/**
 * The records of a run: those of `--records`, in their order, else all that `list` finds. `has`: whether a name is one (default: `list`
 * names it). Throws `recording-missing` for the first that is not there, with what is, before anything is read.
 */
export async function chooseRecords(
  { suite, database, records }: Asked,
  list: () => Promise<readonly string[]>,
  has?: (name: string) => Promise<boolean>,
): Promise<readonly string[]> {
  await requireDatabase(database)
  if (records === null) return list()
  const known = has === undefined ? new Set(await list()) : null
  for (const name of records) {
    if (known === null ? await has!(name) : known.has(name)) continue
    throw new VitalwireError(
      'recording-missing',
      `record ${JSON.stringify(name.slice(0, 60))} is not in ${database} as evaluate ${suite} reads it; accepted for --records: ${named(await list())}`,
    )
  }
  return records
}

/** The same of WFDB records with reference annotations; a record may lie in a folder below. */
export function chooseAnnotatedRecords(request: Asked, reference: string): Promise<readonly string[]> {
  return chooseRecords(
    request,
    () => listRecords(request.database, reference),
    name => hasRecord(request.database, name, reference),
  )
}

function named(names: readonly string[]): string {
  const more = names.length - mostNamed
  return more > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${more} more` : names.join(', ')
}

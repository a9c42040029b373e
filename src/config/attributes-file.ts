import Type from 'typebox'
import { limitProfiles } from '../alert/rules/adult-profile.js'
import {
  type AgeBand,
  ageBands,
  type PatientAttributes,
  type PatientCondition,
  patientConditions,
  unknownPatient,
} from '../signal/patient.js'
import { fillSchema } from './fill-schema.js'
import { type Checked, configError, isObject, joinPath, makeProblem, type Problem } from './problem.js'
import { readJsonObject } from './read-json.js'

/** What a file says of patients: of all, and of some by the id of the patient or of the device. */
export interface AttributesFile {
  readonly all: PatientAttributes
  /** Whole attributes: what a patient's entry leaves out is taken from `all`. */
  readonly patients: Readonly<Record<string, PatientAttributes>>
}

const attributesSchema = Type.Object(
  {
    ageYears: Type.Union([Type.Number({ minimum: 0, maximum: 130 }), Type.Null()], { default: null, description: 'age in years' }),
    ageBand: Type.Union([...ageBands.map(band => Type.Literal(band)), Type.Null()], {
      default: null,
      description: 'instead of ageYears; adolescent ends at 16 years',
    }),
    pregnant: Type.Union([Type.Boolean(), Type.Null()], { default: null, description: 'null: unknown' }),
    spo2Scale: Type.Union([Type.Literal(1), Type.Literal(2)], { default: 1, description: '2 only where a clinician has prescribed it' }),
    limitProfile: Type.Union(
      Object.keys(limitProfiles).map(name => Type.Literal(name)),
      { default: unknownPatient.limitProfile, description: 'limit profile' },
    ),
    conditions: Type.Array(Type.Union(patientConditions.map(condition => Type.Literal(condition))), {
      default: [],
      uniqueItems: true,
      description: 'conditions whose trend scores are wanted',
    }),
  },
  { additionalProperties: false },
)

/** Years [from, to) of each band; where years and band are both given they must agree. */
const bandYears: Readonly<Record<AgeBand, readonly [number, number]>> = {
  neonate: [0, 28 / 365.25],
  infant: [0, 1],
  child: [1, 12],
  adolescent: [12, 16],
  adult: [16, 130.1],
  elderly: [65, 130.1],
}

/** `{"ageYears": 70, "pregnant": false, "spo2Scale": 1, "limitProfile": "adult", "patients": {"bed-3": {...}}}` */
export function checkAttributesFile(text: string): Checked<'attributes', AttributesFile> {
  const read = readJsonObject(text)
  if ('problem' in read) return { ok: false, problems: [read.problem] }
  const problems: Problem[] = []
  const { patients: given = {}, ...common } = read.value
  const all = readAttributes(common, '', problems)
  const entries: [string, PatientAttributes][] = []
  if (!isObject(given)) problems.push(makeProblem('patients', given, 'an object: id of a patient or device to its attributes'))
  for (const [id, value] of Object.entries(isObject(given) ? given : {})) {
    const path = joinPath('patients', id)
    const years = isObject(value) && (Object.hasOwn(value, 'ageYears') || Object.hasOwn(value, 'ageBand'))
    // An age of its own replaces the common one whole: a common ageBand must not contradict a patient's years.
    const { ageYears, ageBand, ...rest } = common
    const under = years ? rest : common
    if (isObject(value)) entries.push([id, readAttributes({ ...under, ...value }, path, problems, value)])
    else problems.push(makeProblem(path, value, `an object with the keys ${Object.keys(attributesSchema.properties).join(', ')}`))
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, attributes: Object.freeze({ all, patients: Object.freeze(Object.fromEntries(entries)) }) }
}

/** As `checkAttributesFile`; throws every mistake as one error that names `file`. */
export function parseAttributesFile(text: string, file: string): AttributesFile {
  const checked = checkAttributesFile(text)
  if (!checked.ok) throw configError(file, checked.problems)
  return checked.attributes
}

/** The attributes of a patient: by its own id, else by the id of its device, else those of all. */
export function attributesOf(file: AttributesFile, patient: string, device: string): PatientAttributes {
  if (Object.hasOwn(file.patients, patient)) return file.patients[patient]!
  return Object.hasOwn(file.patients, device) ? file.patients[device]! : file.all
}

/** `own`: the keys to report mistakes of, when `value` has been merged with the common ones, which report their own. */
function readAttributes(value: Readonly<Record<string, unknown>>, path: string, problems: Problem[], own = value): PatientAttributes {
  const found: Problem[] = []
  const { ageBand, conditions, ...common } = fillSchema(attributesSchema, value, found) as Omit<
    PatientAttributes,
    'ageBand' | 'conditions'
  > & {
    readonly ageBand: AgeBand | null
    readonly conditions: readonly PatientCondition[]
  }
  const attributes = conditions.length === 0 ? common : { ...common, conditions }
  const prefix = path === '' ? '' : `${path}.`
  for (const problem of found) {
    const key = problem.path.startsWith('"') ? (JSON.parse(problem.path) as string) : problem.path
    if (Object.hasOwn(own, key)) problems.push({ ...problem, path: `${prefix}${problem.path}` })
  }
  if (ageBand === null) return Object.freeze(attributes)
  const [from, to] = bandYears[ageBand]
  if (attributes.ageYears !== null && (attributes.ageYears < from || attributes.ageYears >= to)) {
    const accepted = `the band of ${attributes.ageYears} years, or one of ageBand and ageYears alone`
    problems.push(makeProblem(`${prefix}ageBand`, ageBand, accepted))
  }
  return Object.freeze({ ...attributes, ageBand })
}

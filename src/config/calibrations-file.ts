import Type from 'typebox'
import { type CalibrationTable, calibrationMistake, defaultCalibration } from '../oximetry/calibration.js'
import { fillSchema } from './fill-schema.js'
import { type Checked, configError, isObject, joinPath, makeProblem, type Problem } from './problem.js'
import { readJsonObject } from './read-json.js'

/** Curves of oximeters, and the one of streams that name none. */
export interface CalibrationsFile {
  readonly calibrations: readonly CalibrationTable[]
  /** Left out: the built-in curve. */
  readonly calibration?: string
}

const text = (description: string) => Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null, description })
const ratio = (description: string) =>
  Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 10 }), Type.Null()], { default: null, description })

const curveSchema = Type.Object(
  {
    origin: Type.Union([Type.Literal('device'), Type.Literal('empirical')], { default: 'device', description: 'device: from its maker' }),
    description: Type.String({ default: '', description: 'what it is' }),
    source: text('paper, or the document of the maker and its revision'),
    sensor: text('sensor that it belongs to'),
    validFrom: text('first day that it holds for, YYYY-MM-DD'),
    validUntil: text('last day that it holds for, YYYY-MM-DD'),
    leastR: ratio('R from which on it holds; null: that of the first knot'),
    mostR: ratio('R up to which it holds; null: that of the last knot'),
  },
  { additionalProperties: false },
)
const fields = ['knots', ...Object.keys(curveSchema.properties)].join(', ')

type Knots = CalibrationTable['knots']

/** `{"default": "clip-7", "curves": {"clip-7": {"knots": [[0.4, 100], [2, 60]], "sensor": "clip", "validUntil": "2027-06-30"}}}` */
export function checkCalibrationsFile(content: string): Checked<'oximetry', CalibrationsFile> {
  const read = readJsonObject(content)
  if ('problem' in read) return { ok: false, problems: [read.problem] }
  const problems: Problem[] = []
  const { default: fallback, curves, ...others } = read.value
  for (const key of Object.keys(others)) problems.push({ path: joinPath('', key), value: 'this key', accepted: 'the keys curves, default' })
  if (!isObject(curves)) problems.push(makeProblem('curves', curves, 'an object: name of a curve, as streams say it, to the curve'))
  const calibrations = Object.entries(isObject(curves) ? curves : {}).flatMap(([name, value]) => {
    const table = readCurve(name, value, joinPath('curves', name), problems)
    return table === null ? [] : [table]
  })
  if (fallback === undefined || fallback === null) {
    return problems.length > 0 ? { ok: false, problems } : { ok: true, oximetry: Object.freeze({ calibrations }) }
  }
  const names = [...(isObject(curves) ? Object.keys(curves) : []), defaultCalibration]
  if (typeof fallback !== 'string' || !names.includes(fallback)) problems.push(makeProblem('default', fallback, names.join(', ')))
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, oximetry: Object.freeze({ calibrations, calibration: fallback as string }) }
}

/** As `checkCalibrationsFile`; throws every mistake as one error that names `file`. */
export function parseCalibrationsFile(content: string, file: string): CalibrationsFile {
  const checked = checkCalibrationsFile(content)
  if (!checked.ok) throw configError(file, checked.problems)
  return checked.oximetry
}

/** Null where there is a mistake. */
function readCurve(name: string, value: unknown, path: string, problems: Problem[]): CalibrationTable | null {
  if (name === defaultCalibration) {
    problems.push({ path, value: 'this name', accepted: `a name other than ${defaultCalibration}, which is the built-in curve` })
    return null
  }
  if (!isObject(value)) {
    problems.push(makeProblem(path, value, `an object with the fields ${fields}`))
    return null
  }
  const { knots, ...rest } = value
  const found: Problem[] = []
  const filled = fillSchema(curveSchema, rest, found) as Record<'leastR' | 'mostR', number | null> & Record<string, string | null>
  if (!isKnots(knots)) found.push(makeProblem('knots', knots, 'a list of two or more pairs of numbers [R, SpO2 in %], R ascending'))
  problems.push(...found.map(problem => ({ ...problem, path: `${path}.${problem.path}` })))
  if (found.length > 0 || !isKnots(knots)) return null
  const { leastR, mostR, ...texts } = filled
  const said = Object.fromEntries(Object.entries(texts).filter(([, content]) => content !== null))
  const range = { leastR: leastR ?? knots[0]![0], mostR: mostR ?? knots[knots.length - 1]![0] }
  const table = { ...said, name, ...range, knots } as CalibrationTable
  const mistake = calibrationMistake(table)
  if (mistake === null) return Object.freeze(table)
  problems.push(makeProblem(`${path}.${mistake.path}`, mistake.value, mistake.accepted))
  return null
}

function isKnots(value: unknown): value is Knots {
  const pair = (knot: unknown) => Array.isArray(knot) && knot.length === 2 && knot.every(number => Number.isFinite(number))
  return Array.isArray(value) && value.length >= 2 && value.every(pair)
}

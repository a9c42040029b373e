import type { BeatClass } from '../../signal/observation.js'

/** What a program says, a JSON object a line. */
export type ProgramFrame = (ProgramBeat & { readonly beatClass: BeatClass }) | { readonly type: 'done'; readonly cpuSeconds: number | null }

export interface ProgramBeat {
  readonly type: 'beat'
  /** R peak, sample of the stream; may have a fraction. */
  readonly sample: number
  /** Sample with which the program could say it; null: not told. */
  readonly decided: number | null
}

const classes: readonly string[] = ['N', 'S', 'V', 'F', 'Q']

/** Longest piece of a line that a message repeats. */
const shownCharacters = 80

/** Reads a line of a program; `fault` makes the error from what is wrong with it. `samples`: of the record. */
export function parseProgramFrame(text: string, samples: number, fault: (problem: string) => Error): ProgramFrame {
  const frame = parseObject(text)
  if (frame === null) throw fault(`${shown(text)} is no JSON object`)
  if (frame.type === 'done') return { type: 'done', cpuSeconds: readCpu(frame.cpuSeconds, fault) }
  if (frame.type !== 'beat') throw fault(`${shown(text)} has the type ${shown(JSON.stringify(frame.type) ?? 'none')}; accepted: beat, done`)
  const { sample, decided, class: beatClass = 'Q' } = frame
  if (!(typeof sample === 'number' && sample >= 0 && sample < samples)) {
    throw fault(`${shown(text)}: sample is accepted from 0 to below ${samples}`)
  }
  if (!(decided === undefined || (typeof decided === 'number' && decided >= 0 && decided < samples))) {
    throw fault(`${shown(text)}: decided is accepted from 0 to below ${samples}, or left out`)
  }
  if (!classes.includes(beatClass as string)) throw fault(`${shown(text)}: class is accepted as one of ${classes.join(' ')}, or left out`)
  return { type: 'beat', sample, decided: decided ?? null, beatClass: beatClass as BeatClass }
}

function readCpu(value: unknown, fault: (problem: string) => Error): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && value >= 0) return value
  throw fault(`cpuSeconds of done is ${shown(JSON.stringify(value))}; accepted: seconds, 0 or more`)
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function shown(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}...` : text
}

import { join } from 'node:path'
import { VitalwireError } from '../../errors.js'
import { hertz, type Rate } from '../../signal/rate.js'
import { missingLabel } from '../edf/edf-missing.js'
import { divideRate, formatRate, parseRate } from '../rate-text.js'
import { missingSample } from '../recording.js'
import { encodeAnnotations } from '../wfdb-annotation-writer.js'
import { formatStart } from '../wfdb-writer.js'
import { chooseForm, type StoredForm } from './stored-form.js'
import { writeWholeFile } from './whole-file.js'
import type { ExportJob, WrittenFile, WrittenSignal } from './write-job.js'
import { writtenNames, writtenUnit } from './written-names.js'

/** Format of signal(5), bytes of a sample, and its code for a missing one. */
const formats = [
  { code: 16, bytes: 2 },
  { code: 24, bytes: 3 },
  { code: 32, bytes: 4 },
] as const
type Format = (typeof formats)[number]

interface Column {
  readonly form: StoredForm
  readonly format: Format
  readonly perFrame: number
  first: number
  sum: number
}

/** Samples that are written at once. */
const runSamples = 524_288
const mostPerFrame = 100_000

/**
 * Writes `NAME.hea` and a signal file for each run of signals that need one width; notes as the annotator `note`. Signals of several rates get as many samples a
 * frame. Throws `disk-write`, or `recording-format` for rates that have no common frame.
 */
export async function writeWfdb({ folder, name, tracks, startTime, notes, signal, onProgress }: ExportJob): Promise<WrittenFile> {
  const frameRate = commonRate(tracks.map(track => track.fs))
  const perFrames = tracks.map(({ fs }) => (frameRate === null ? 0 : Math.round(hertz(fs) / hertz(frameRate))))
  if (frameRate === null || perFrames.some(count => count < 1 || count > mostPerFrame))
    throw new VitalwireError('recording-format', `${name}: its rates have no common frame; accepted: --channels with signals of one rate`)
  const columns: Column[] = []
  const signals: WrittenSignal[] = []
  const names = writtenNames(
    tracks.map(track => track.info.name),
    60,
  )
  for (const [index, track] of tracks.entries()) {
    const form = await chooseForm(track, 2 ** 31 - 2, false)
    signal?.throwIfAborted()
    const reach = Math.max(-form.low, form.high)
    const format = formats.find(({ bytes }) => reach < 2 ** (8 * bytes - 1)) ?? formats[2]
    columns.push({ form, format, perFrame: perFrames[index]!, first: 0, sum: 0 })
    // A header has whole baselines only.
    const rounding = Math.max(form.rounding, Math.abs(form.baseline - Math.round(form.baseline)) / Math.abs(form.gain))
    signals.push({ name: names[index]!, unit: writtenUnit(track.info.unit), samples: track.length, gaps: form.gaps.length, rounding })
  }
  const frames = Math.max(0, ...tracks.map((track, index) => Math.ceil(track.length / perFrames[index]!)))
  const groups = groupColumns(columns, name)
  const files: string[] = []
  for (const { format, columns: here, file: fileName } of groups) {
    await writeWholeFile(join(folder, fileName), async file => {
      const samplesOfFrame = here.reduce((sum, column) => sum + column.perFrame, 0)
      const run = Math.max(1, Math.floor(runSamples / samplesOfFrame))
      for (let frame = 0; frame < frames; frame += run) {
        signal?.throwIfAborted()
        await file.write(await packFrames(here, format, frame, Math.min(run, frames - frame), samplesOfFrame))
        onProgress?.(frame / hertz(frameRate))
      }
    })
    files.push(fileName)
  }
  const fileOf = new Map(groups.flatMap(group => group.columns.map(column => [column, group.file] as const)))
  const text = formatRate(frameRate)
  const start = startTime === null ? '' : ` ${formatStart(startTime)}`
  const lines = [`${name} ${tracks.length} ${text} ${frames}${start}`]
  for (const [index, column] of columns.entries()) {
    const { form, format, perFrame, first, sum } = column
    const { name: label, unit } = signals[index]!
    const checksum = ((sum + 0x8000) & 0xffff) - 0x8000
    const layout = `${format.code}${perFrame === 1 ? '' : `x${perFrame}`}`
    lines.push(
      `${fileOf.get(column)!} ${layout} ${form.gain}(${Math.round(form.baseline)})/${unit} ${8 * format.bytes} 0 ${first} ${checksum} 0 ${label}`,
    )
  }
  const kept = notes.filter(note => note.onset >= 0 && missingLabel(note.text) === null)
  if (kept.length > 0) {
    const annotations = kept.map(({ onset, text: aux }) => ({
      sample: Math.round(onset * hertz(frameRate)),
      symbol: '"',
      aux: noteAux(aux),
    }))
    await writeWholeFile(join(folder, `${name}.note`), async file => {
      await file.write(encodeAnnotations(annotations))
    })
    files.push(`${name}.note`)
  }
  // The header last: it never stands beside a signal file that is not whole.
  await writeWholeFile(join(folder, `${name}.hea`), async file => {
    await file.write(`${lines.join('\n')}\n`)
  })
  const parsed = parseRate(text)
  const exactRate = parsed !== null && parsed.num * frameRate.den === frameRate.num * parsed.den
  return {
    files: [`${name}.hea`, ...files],
    signals,
    remarks: exactRate ? [] : [`the header has ${text} Hz for ${frameRate.num}/${frameRate.den} Hz`],
  }
}

/** Signals of one file follow on each other in a header, so each run of one width is a file. */
function groupColumns(columns: readonly Column[], name: string): { format: Format; columns: readonly Column[]; file: string }[] {
  const runs: Column[][] = []
  for (const column of columns) {
    const run = runs.at(-1)
    if (run?.[0]?.format === column.format) run.push(column)
    else runs.push([column])
  }
  const times = new Map<number, number>()
  return runs.map(run => {
    const { format } = run[0]!
    const time = (times.get(format.code) ?? 0) + 1
    times.set(format.code, time)
    const suffix = runs.length === 1 ? '' : time === 1 ? `_${format.code}` : `_${format.code}_${time}`
    return { format, columns: run, file: `${name}${suffix}.dat` }
  })
}

async function packFrames(columns: readonly Column[], format: Format, frame: number, count: number, stride: number): Promise<Uint8Array> {
  const size = format.bytes
  const bytes = new Uint8Array(count * stride * size)
  const missing = -(2 ** (8 * size - 1))
  let place = 0
  for (const column of columns) {
    const { perFrame } = column
    const samples = await column.form.read(frame * perFrame, count * perFrame)
    let sum = 0
    for (let i = 0; i < samples.length; i++) {
      const value = samples[i] === missingSample ? missing : (samples[i] as number)
      if (frame === 0 && i === 0) column.first = value
      sum = (sum + value) & 0xffff
      const within = i % perFrame
      let at = (((i - within) / perFrame) * stride + place + within) * size
      for (let k = 0; k < size; k++) bytes[at++] = (value >> (8 * k)) & 0xff
    }
    column.sum = (column.sum + sum) & 0xffff
    place += perFrame
  }
  return bytes
}

/** An aux field is of single bytes, at most 255. */
function noteAux(text: string): string {
  return text.replace(/[^ -~\u00a0-\u00ff]/g, '?').slice(0, 255)
}

/** The greatest rate that all others are whole multiples of; null: not representable. */
function commonRate(rates: readonly Rate[]): Rate | null {
  let common: Rate | null = rates[0] ?? null
  for (const rate of rates) {
    if (common === null) return null
    // By Euclid's way, on fractions.
    let [a, b]: [Rate | null, Rate] = [common, rate]
    for (;;) {
      const ratio: Rate | null = divideRate(a, b)
      if (ratio === null) return null
      const rest: number = ratio.num % ratio.den
      if (rest === 0) break
      const next: Rate | null = divideRate(b, { num: ratio.den, den: rest })
      if (next === null) return null
      ;[a, b] = [b, next]
    }
    common = b
  }
  return common
}

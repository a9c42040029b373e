/**
 * Places of pacing pulses in a chunk that says so by its flag: behind the samples an offset of 16 bits for each, counted from
 * the chunk's first sample, ascending, and at the very end how many there are (16 bits). They travel with their samples, so
 * that they are there when these are analysed, are sent again and found late with them, and cost two bytes each.
 */

/** Where the marks begin, or null: the payload from `from` on is too short for them. */
export function paceMarksStart(b: Uint8Array, from: number): number | null {
  if (b.length < from + 2) return null
  const start = b.length - 2 - 2 * u16(b, b.length - 2)
  return start < from ? null : start
}

/** Whether the marks from `at` to the end ascend and lie among `n` samples. Nothing at `at`: no marks. */
export function paceMarksFit(b: Uint8Array, at: number, n: number): boolean {
  let before = -1
  for (let mark = at; mark < b.length - 2; mark += 2) {
    const offset = u16(b, mark)
    if (offset <= before || offset >= n) return false
    before = offset
  }
  return true
}

/** Of a chunk that was checked: the marks as samples since boot. */
export function readPaceMarks(b: Uint8Array, at: number, index: number): number[] {
  const marks: number[] = []
  for (let mark = at; mark < b.length - 2; mark += 2) marks.push(index + u16(b, mark))
  return marks
}

/** Bytes of the marks and their count. */
export function paceMarksBytes(marks: readonly number[]): number {
  return 2 * marks.length + 2
}

/** Writes the marks of a chunk whose first sample is `index`, and their count, at `at`. */
export function writePaceMarks(view: DataView, at: number, marks: readonly number[], index: number): void {
  marks.forEach((mark, k) => {
    view.setUint16(at + 2 * k, mark - index, true)
  })
  view.setUint16(at + 2 * marks.length, marks.length, true)
}

function u16(b: Uint8Array, at: number): number {
  return b[at]! | (b[at + 1]! << 8)
}

import { BitReader } from './bit-reader.js'
import { readFrameHeader } from './flac-header.js'

const leftSide = 8
const sideRight = 9
const midSide = 10

/**
 * Samples of each channel of one FLAC frame, as integers. `bytes` hold the frame alone; `streamBits` is the width that the
 * stream description gives, up to 24. Null: not a frame as RFC 9639 (section 9) describes it.
 */
export function decodeFlacFrame(bytes: Uint8Array, streamBits: number): Int32Array[] | null {
  const header = readFrameHeader(bytes, 0)
  if (header === null) return null
  const { blockSize, assignment, length } = header
  const bits = header.bits === 0 ? streamBits : header.bits
  if (bits > 24) return null
  const reader = new BitReader(bytes, length * 8)
  const channels: Int32Array[] = []
  for (let channel = 0; channel < (assignment < leftSide ? assignment + 1 : 2); channel++) {
    // A difference of two channels needs a bit more.
    const side = channel === (assignment === sideRight ? 0 : 1) && assignment >= leftSide
    const samples = new Int32Array(blockSize)
    if (!decodeSubframe(reader, bits + (side ? 1 : 0), samples)) return null
    channels.push(samples)
  }
  if (reader.overrun) return null
  if (assignment >= leftSide) joinChannels(assignment, channels[0]!, channels[1]!)
  return channels
}

function joinChannels(assignment: number, first: Int32Array, second: Int32Array): void {
  for (let i = 0; i < first.length; i++) {
    const a = first[i] as number
    const b = second[i] as number
    if (assignment === leftSide) second[i] = a - b
    else if (assignment === sideRight) first[i] = a + b
    else if (assignment === midSide) {
      // The middle lost its lowest bit, which is that of the difference.
      const sum = a * 2 + (b & 1)
      first[i] = (sum + b) >> 1
      second[i] = (sum - b) >> 1
    }
  }
}

function decodeSubframe(reader: BitReader, width: number, out: Int32Array): boolean {
  if (reader.bits(1) !== 0) return false
  const type = reader.bits(6)
  const wasted = reader.bits(1) === 0 ? 0 : reader.zeros() + 1
  const bits = width - wasted
  if (bits < 1) return false
  let proper = true
  if (type === 0) out.fill(reader.signed(bits))
  else if (type === 1) for (let i = 0; i < out.length; i++) out[i] = reader.signed(bits)
  else if (type >= 8 && type <= 12) proper = decodePredicted(reader, bits, fixedCoefficients[type - 8]!, out)
  else if (type >= 32) proper = decodePredicted(reader, bits, type - 31, out)
  else return false
  if (wasted > 0) for (let i = 0; i < out.length; i++) out[i] = out[i]! << wasted
  return proper
}

/** Polynomials through the last samples, the latest first. */
const fixedCoefficients: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]

/** `predictor`: its coefficients, or how many of them stand in the subframe. */
function decodePredicted(reader: BitReader, bits: number, predictor: readonly number[] | number, out: Int32Array): boolean {
  const order = typeof predictor === 'number' ? predictor : predictor.length
  if (order > out.length) return false
  for (let i = 0; i < order; i++) out[i] = reader.signed(bits)
  let coefficients = predictor
  let scale = 1
  if (typeof coefficients === 'number') {
    const precision = reader.bits(4) + 1
    const shift = reader.signed(5)
    if (precision === 16 || shift < 0) return false
    coefficients = Array.from({ length: order }, () => reader.signed(precision))
    scale = 2 ** shift
  }
  if (!decodeResidual(reader, order, out)) return false
  for (let i = order; i < out.length; i++) {
    // Up to 32 products of 25 and 15 bits: exact in a double.
    let sum = 0
    for (let k = 0; k < order; k++) sum += (coefficients[k] as number) * (out[i - 1 - k] as number)
    out[i] = (out[i] as number) + Math.floor(sum / scale)
  }
  return true
}

/** What the prediction leaves, in Rice codes: partitions of equal length, each with its own parameter. */
function decodeResidual(reader: BitReader, order: number, out: Int32Array): boolean {
  const method = reader.bits(2)
  if (method > 1) return false
  const parameterBits = method === 0 ? 4 : 5
  const partitions = 1 << reader.bits(4)
  const size = out.length / partitions
  if (!Number.isInteger(size) || size < order) return false
  for (let partition = 0, at = order; partition < partitions; partition++) {
    const end = (partition + 1) * size
    const parameter = reader.bits(parameterBits)
    if (parameter === 2 ** parameterBits - 1) {
      const width = reader.bits(5)
      for (; at < end; at++) out[at] = reader.signed(width)
    } else {
      const step = 2 ** parameter
      for (; at < end; at++) {
        const code = reader.zeros() * step + reader.bits(parameter)
        out[at] = code % 2 === 0 ? code / 2 : -(code + 1) / 2
      }
    }
    if (reader.overrun) return false
  }
  return true
}

/**
 * Waveforms of the live feed. A binary frame is one or more waves, one after the other, little endian:
 *
 * | offset | bytes | field |
 * |---|---|---|
 * | 0 | 2 | magic `VF` |
 * | 2 | 1 | version = 1 |
 * | 3 | 1 | 0 |
 * | 4 | 4 | n, number of points (u32) |
 * | 8 | 8 | patient time of the first point, microseconds (f64, whole) |
 * | 16 | 8 | microseconds from point to point (f64) |
 * | 24 | 5 | bytes of patient, device, stream, channel and unit (u8 each) |
 * | 29 | 3 | 0 |
 * | 32 | | these five texts in UTF-8, one after the other, then zeros up to a multiple of 4 |
 * | | 4 n | points (f32); NaN: missing |
 */
export interface WaveMessage {
  readonly patient: string
  readonly device: string
  readonly stream: string
  readonly channel: string
  readonly unit: string
  readonly t: number
  readonly stepMicros: number
  readonly values: Float32Array
  /** Patient times of fast beats in these samples; travel in a message of their own. */
  readonly beats?: readonly number[]
}

const headerBytes = 32
const magic = 0x4656
const textFields = ['patient', 'device', 'stream', 'channel', 'unit'] as const

export function encodeWaves(waves: readonly WaveMessage[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  const texts = waves.map(wave => textFields.map(field => shorten(encoder.encode(wave[field]))))
  let size = 0
  for (const [i, wave] of waves.entries()) size += pointsOffset(texts[i]!) + 4 * wave.values.length
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [i, wave] of waves.entries()) {
    const own = texts[i]!
    view.setUint16(at, magic, true)
    view.setUint8(at + 2, 1)
    view.setUint32(at + 4, wave.values.length, true)
    view.setFloat64(at + 8, wave.t, true)
    view.setFloat64(at + 16, wave.stepMicros, true)
    let textAt = at + headerBytes
    for (const [field, text] of own.entries()) {
      view.setUint8(at + 24 + field, text.length)
      bytes.set(text, textAt)
      textAt += text.length
    }
    at += pointsOffset(own)
    for (let point = 0; point < wave.values.length; point++) view.setFloat32(at + 4 * point, wave.values[point]!, true)
    at += 4 * wave.values.length
  }
  return bytes
}

/** Waves of one frame. A frame that is not whole or of another version throws a RangeError. */
export function decodeWaves(frame: Uint8Array): WaveMessage[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const decoder = new TextDecoder()
  const waves: WaveMessage[] = []
  let at = 0
  while (at < frame.length) {
    if (view.getUint16(at, true) !== magic || view.getUint8(at + 2) !== 1)
      throw new RangeError(`byte ${at} of the frame begins no wave of version 1`)
    const count = view.getUint32(at + 4, true)
    const texts: string[] = []
    let textAt = at + headerBytes
    for (let field = 0; field < textFields.length; field++) {
      const length = view.getUint8(at + 24 + field)
      texts.push(decoder.decode(frame.subarray(textAt, textAt + length)))
      textAt += length
    }
    const pointsAt = (textAt + 3) & ~3
    if (pointsAt + 4 * count > frame.length) throw new RangeError(`the wave at byte ${at} ends outside the frame`)
    const values = new Float32Array(count)
    for (let point = 0; point < count; point++) values[point] = view.getFloat32(pointsAt + 4 * point, true)
    const [patient, device, stream, channel, unit] = texts as [string, string, string, string, string]
    waves.push({
      patient,
      device,
      stream,
      channel,
      unit,
      t: view.getFloat64(at + 8, true),
      stepMicros: view.getFloat64(at + 16, true),
      values,
    })
    at = pointsAt + 4 * count
  }
  return waves
}

function pointsOffset(texts: readonly Uint8Array[]): number {
  const length = texts.reduce((sum, text) => sum + text.length, headerBytes)
  return (length + 3) & ~3
}

/** Lengths are one byte; ids of the wire protocol have at most 64 characters. */
function shorten(text: Uint8Array): Uint8Array {
  return text.length > 255 ? text.subarray(0, 255) : text
}

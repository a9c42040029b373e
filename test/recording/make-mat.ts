/** Pieces of MATLAB files of version 5 as the specification lays them out, by hand. */

/** The first 128 bytes. */
export function head(little: boolean, version = 1): Buffer {
  const bytes = Buffer.alloc(128, ' ')
  bytes.write(little ? 'IM' : 'MI', 126)
  bytes[little ? 125 : 124] = version
  bytes[little ? 124 : 125] = 0
  return bytes
}

/** One element with its tag, filled up to 8 bytes; up to 4 bytes stand in the tag where `small`. */
export function element(type: number, data: Buffer, little: boolean, small = false): Buffer {
  const bytes = Buffer.alloc(small ? 8 : 8 + Math.ceil(data.length / 8) * 8)
  const word = (value: number, at: number) => (little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at))
  if (small) word((data.length << 16) | type, 0)
  else {
    word(type, 0)
    word(data.length, 4)
  }
  data.copy(bytes, small ? 4 : 8)
  return bytes
}

function words(values: readonly number[], little: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [k, value] of values.entries()) (little ? bytes.writeInt32LE : bytes.writeInt32BE).call(bytes, value, 4 * k)
  return bytes
}

/** `flags`: array class and bits; `data` in the order of the file, columns first. */
export function matrix(name: string, flags: number, dimensions: readonly number[], type: number, data: Buffer, little: boolean): Buffer {
  const body = Buffer.concat([
    element(6, words([flags, 0], little), little),
    element(5, words(dimensions, little), little),
    element(1, Buffer.from(name), little, name.length <= 4),
    element(type, data, little, data.length <= 4),
  ])
  return element(14, body, little)
}

export function doubles(values: readonly number[], little: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 8)
  for (const [k, value] of values.entries()) (little ? bytes.writeDoubleLE : bytes.writeDoubleBE).call(bytes, value, 8 * k)
  return bytes
}

const nasty = [
  '0',
  '-1',
  '9'.repeat(15),
  '1e99',
  'NaN',
  '/',
  'x1000000',
  ':999999999',
  '+999999999',
  '~',
  '\0',
  '../',
  '\n',
  '\r\n',
  '#',
  '(',
  '"',
  ' ',
  '{}',
  'null',
  'é',
]

/** One to four changes of the kinds that damaged and hostile files have: bytes changed, lost, put in, moved; cut off. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  let out = [...bytes]
  const pick = (limit: number) => Math.floor(random() * limit)
  for (let n = 1 + pick(4); n > 0; n--) {
    const at = pick(out.length + 1)
    const kind = pick(5)
    if (kind === 0 && out.length > 0) out[at % out.length] = pick(256)
    else if (kind === 1) out.splice(at, 1 + pick(8))
    else if (kind === 2) out.splice(at, pick(4), ...Buffer.from(nasty[pick(nasty.length)] ?? ''))
    else if (kind === 3) out = out.slice(0, at)
    else out.splice(at, 0, ...out.slice(pick(out.length + 1), pick(out.length + 1)))
  }
  return Uint8Array.from(out)
}

/** One to three changes that keep the length, so that what stands behind them keeps its place: bytes, runs, texts of a field's width. */
export function overwrite(bytes: Uint8Array, random: () => number, texts: readonly string[] = []): Uint8Array {
  const out = Uint8Array.from(bytes)
  const pick = (limit: number) => Math.floor(random() * limit)
  for (let n = 1 + pick(3); n > 0; n--) {
    const at = pick(out.length)
    const kind = pick(texts.length > 0 ? 4 : 3)
    if (kind === 0) out[at] = pick(256)
    else if (kind === 1) out.fill(pick(2) * 255, at, at + 1 + pick(8))
    else if (kind === 2) out[at]! ^= 1 << pick(8)
    else out.set(Buffer.from(texts[pick(texts.length)]!, 'latin1').subarray(0, out.length - at), at)
  }
  return out
}

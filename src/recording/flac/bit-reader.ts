/** Bits of a run of bytes, the highest of a byte first. Beyond the end they are 0, and `overrun` says so. */
export class BitReader {
  #at: number

  constructor(
    readonly bytes: Uint8Array,
    /** First bit to read. */
    at: number,
  ) {
    this.#at = at
  }

  /** Whether more was read than is there. */
  get overrun(): boolean {
    return this.#at > this.bytes.length * 8
  }

  /** The next `count` bits, up to 32, as a number of 0 or more. */
  bits(count: number): number {
    if (count > 24) return this.bits(count - 16) * 65536 + this.bits(16)
    if (count === 0) return 0
    // 24 bits from any bit of a byte lie in four bytes.
    const value = (this.#word() << (this.#at & 7)) >>> (32 - count)
    this.#at += count
    return value
  }

  /** The next `count` bits, up to 32, as a two's complement number. */
  signed(count: number): number {
    const value = this.bits(count)
    return count > 0 && value >= 2 ** (count - 1) ? value - 2 ** count : value
  }

  /** How many zeros come before the next one, which is passed over as well. */
  zeros(): number {
    const start = this.#at
    const end = this.bytes.length * 8
    while (this.#at < end) {
      const found = Math.clz32(this.#word() << (this.#at & 7))
      const seen = 32 - (this.#at & 7)
      if (found < seen) {
        this.#at += found + 1
        return this.#at - 1 - start
      }
      this.#at += seen
    }
    this.#at = end + 1
    return 0
  }

  #word(): number {
    const { bytes } = this
    const at = this.#at >>> 3
    if (at + 4 <= bytes.length)
      return (
        ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
      )
    return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  }
}

/** What native/kernels.c exports; addresses are bytes, counts are elements. */
export interface WasmExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  readonly __heap_base: { readonly value: number }
  sosCascade(c: number, sections: number, state: number, input: number, output: number, length: number): void
  sosCascadeLanes(c: number, sections: number, state: number, input: number, output: number, frames: number, lanes: number): void
  movingSum(ring: number, window: number, state: number, input: number, output: number, length: number): void
  toLanes(input: number, output: number, frames: number, lanes: number): void
  fromLanes(input: number, output: number, frames: number, lanes: number): void
  correlate(pattern: number, taps: number, input: number, output: number, length: number): void
  resample(bank: number, taps: number, up: number, down: number, phase: number, input: number, output: number, count: number): void
  decodeVarints(bytes: number, length: number, output: number, count: number): number
}

const page = 65_536
/** Arrays up to this length are copied faster by a loop than by `set`. */
const few = 24

/** The module's memory as scratch space: each call lays its arrays one after the other from the heap's base on. */
export class WasmArena {
  private readonly base: number
  private doubles: Float64Array
  private bytes: Uint8Array
  private integers: Int32Array
  private at: number

  constructor(private readonly wasm: WasmExports) {
    this.base = Math.ceil(wasm.__heap_base.value / 16) * 2
    this.at = this.base
    this.doubles = new Float64Array(wasm.memory.buffer)
    this.bytes = new Uint8Array(wasm.memory.buffer)
    this.integers = new Int32Array(wasm.memory.buffer)
  }

  /** A call that needs so many doubles begins; memory grows to hold them and never shrinks. */
  begin(doubles: number): void {
    this.at = this.base
    const needed = 8 * (this.base + doubles + 1)
    const { memory } = this.wasm
    if (needed <= this.bytes.length) return
    memory.grow(Math.ceil((needed - this.bytes.length) / page))
    this.doubles = new Float64Array(memory.buffer)
    this.bytes = new Uint8Array(memory.buffer)
    this.integers = new Int32Array(memory.buffer)
  }

  /** Address of room for so many doubles. */
  room(doubles: number): number {
    const { at } = this
    this.at += Math.ceil(doubles)
    return 8 * at
  }

  put(values: Float64Array, length = values.length): number {
    const { at, doubles } = this
    if (length <= few) for (let i = 0; i < length; i++) doubles[at + i] = values[i] as number
    else doubles.set(length === values.length ? values : values.subarray(0, length), at)
    this.at += length
    return 8 * at
  }

  putBytes(values: Uint8Array): number {
    const address = 8 * this.at
    this.bytes.set(values, address)
    this.at += Math.ceil(values.length / 8)
    return address
  }

  take(address: number, into: Float64Array, length = into.length): void {
    const { doubles } = this
    const at = address / 8
    if (length <= few) for (let i = 0; i < length; i++) into[i] = doubles[at + i] as number
    else into.set(doubles.subarray(at, at + length))
  }

  takeIntegers(address: number, into: Int32Array, length: number): void {
    into.set(this.integers.subarray(address / 4, address / 4 + length))
  }
}

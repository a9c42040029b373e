declare module 'fft.js' {
  export default class FFT {
    constructor(size: number)
    readonly size: number
    /** Twiddle factors, cos and -sin in turn. */
    table: number[]
    createComplexArray(): number[]
    realTransform(output: number[], input: ArrayLike<number>): void
  }
}

/** One requestAnimationFrame for all canvases of the page. */
export class FrameLoop {
  private readonly painters = new Set<(now: number) => void>()
  private request = 0

  add(paint: (now: number) => void): () => void {
    this.painters.add(paint)
    if (this.request === 0) this.next()
    return () => {
      this.painters.delete(paint)
      if (this.painters.size > 0) return
      cancelAnimationFrame(this.request)
      this.request = 0
    }
  }

  private next(): void {
    this.request = requestAnimationFrame(() => {
      const now = performance.now()
      for (const paint of this.painters) paint(now)
      this.next()
    })
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** Rejects with `what` when the condition is not met in time; asks every `everyMs`. */
export async function waitFor(what: string, ms: number, met: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await met())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${ms / 1000} s`)
    await sleep(everyMs)
  }
}

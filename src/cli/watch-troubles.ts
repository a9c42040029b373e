import type { RunningServer } from '../engine/run-server.js'

/** How often the engine is asked, milliseconds. */
const every = 1000

/** Says on standard error what keeps the engine from writing, once, and when it has passed. Ends with the returned function. */
export function watchTroubles(server: RunningServer, remark: (line: string) => void): () => void {
  let known: readonly string[] = []
  const timer = setInterval(() => {
    const troubles = server.troubles()
    for (const trouble of troubles) {
      if (!known.includes(trouble)) remark(`${trouble}; what comes is not acknowledged until it can be kept [disk-write]`)
    }
    if (known.length > 0 && troubles.length === 0) remark('the disk takes writes again')
    known = troubles
  }, every)
  return () => clearInterval(timer)
}

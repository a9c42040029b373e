/** Exit code of a run that was ended before it had done what was asked: 128 and the number of SIGINT, as shells have it. */
export const interruptedExit = 130

/** Why a run ended: Ctrl-C or a polite request to end. */
export class Interrupted extends Error {
  constructor() {
    super('stopped')
    this.name = 'Interrupted'
  }
}

/** One Ctrl-C under `npm start` arrives twice or more: from the terminal, and passed on by the parents. */
const sameRequestMs = 500

/** What there is to do as long as no command has begun. */
const leave = () => {
  process.stderr.write('vitalwire: stopped before it was done\n', () => process.exit(interruptedExit))
}

/** Takes Ctrl-C from the program's first moment on, until the command does so itself. */
export function leaveOnSignals(): void {
  process.on('SIGINT', leave)
  process.on('SIGTERM', leave)
}

/** Aborts on Ctrl-C or a polite request, so that a command can end cleanly; a second one ends at once. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController()
  let first = 0
  const stop = () => {
    if (!controller.signal.aborted) first = performance.now()
    else if (performance.now() - first >= sameRequestMs) process.exit(interruptedExit)
    controller.abort(new Interrupted())
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.off('SIGINT', leave)
  process.off('SIGTERM', leave)
  return controller.signal
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

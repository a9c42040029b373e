// A process of its own, so that a busy bench does not spoil the moment: waits for a write in a folder, then kills.
import { watch } from 'node:fs'
import os from 'node:os'
import type { KillOrder, KillReport } from './kill-moment.js'

try {
  // The bench may run at a low priority; this sleeps nearly always.
  os.setPriority(0)
} catch {
  // Not permitted: then as it is.
}

process.on('message', (order: KillOrder) => {
  const { id, pid, folder, delayMs, patienceMs } = order
  let done = false
  const kill = (seen: boolean) => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
    process.send!({ id, seen, at: Date.now() } satisfies KillReport)
  }
  const go = (seen: boolean) => {
    if (done) return
    done = true
    clearTimeout(timer)
    watcher.close()
    if (delayMs === 0) kill(seen)
    else setTimeout(kill, delayMs, seen)
  }
  const watcher = watch(folder, () => go(true))
  const timer = setTimeout(() => go(false), patienceMs)
})
process.on('disconnect', () => process.exit(0))

// Loaded into the engine's process and its threads by `node --import`: the engine itself knows nothing of the bench.
// By messages from the parent: `{end: k}` ends the k-th living worker thread wherever it is, `{step: ms}` steps the wall
// clock of all threads (what Date.now() says; timers stay, as with a real step of the clock).
import { BroadcastChannel, getEnvironmentData, isMainThread, setEnvironmentData, type Worker } from 'node:worker_threads'

type Order = { readonly end: number } | { readonly step: number }

const key = 'vitalwire-bench-clock'
const realNow = Date.now
const channel = new BroadcastChannel(key)
channel.unref()
let offset = Number(getEnvironmentData(key) ?? 0)
Date.now = () => realNow() + offset
channel.onmessage = (message: unknown) => {
  offset = (message as { data: number }).data
}

if (isMainThread) {
  const living: Worker[] = []
  process.on('worker', (worker: Worker) => {
    living.push(worker)
    worker.once('exit', () => living.splice(living.indexOf(worker), 1))
  })
  process.on('message', (order: Order) => {
    if ('end' in order) void living[order.end % Math.max(1, living.length)]?.terminate()
    else {
      offset += order.step
      setEnvironmentData(key, offset)
      channel.postMessage(offset)
    }
  })
  // The channel to the parent must not keep an engine that wants to end.
  process.channel?.unref()
}

import { parentPort, workerData } from 'node:worker_threads'
import { VitalwireError } from '../errors.js'
import { startKernel } from '../kernel/choose-kernel.js'
import type { PartitionMachine } from './partition-types.js'
import { WorkerLoop } from './worker-loop.js'
import type { FromWorker, ToWorker, WorkerData } from './worker-messages.js'

/** Entry of a worker thread: restores its partitions and says so, or says why it cannot. */
async function main(): Promise<void> {
  const port = parentPort!
  const data = workerData as WorkerData
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
  try {
    startKernel(process.env.VITALWIRE_KERNEL)
    const { Partition } = (await import(data.partitionModule)) as { Partition: new (partition: number) => PartitionMachine }
    const loop = new WorkerLoop(data, partition => new Partition(partition), post)
    port.on('message', (message: ToWorker) => loop.receive(message))
    loop.start()
  } catch (error) {
    const code = error instanceof VitalwireError ? error.code : null
    post({
      type: 'failed',
      code,
      message: error instanceof Error ? (code === null ? (error.stack ?? error.message) : error.message) : String(error),
    })
    port.close()
  }
}

await main()

import { parentPort, workerData } from 'node:worker_threads'
import { startKernel } from '../kernel/choose-kernel.js'
import type { RerunShare } from './rerun-journal.js'
import { rerunPartitions } from './rerun-partitions.js'

const { dir, change, partitions } = workerData as RerunShare
startKernel(process.env.VITALWIRE_KERNEL)
parentPort?.postMessage(rerunPartitions(dir, change, new Set(partitions)))

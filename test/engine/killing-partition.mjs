// The engine's partition in a process that is killed once, as a record of the type in the file named by
// VITALWIRE_TEST_KILL has been journaled and is about to be processed.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { Partition as Real } from '../../dist/engine/partition.js'

export class Partition extends Real {
  process(record, offset, sink) {
    const file = process.env.VITALWIRE_TEST_KILL
    if (file !== undefined && existsSync(file) && readFileSync(file, 'utf8') === record.type) {
      rmSync(file)
      process.kill(process.pid, 'SIGKILL')
    }
    super.process(record, offset, sink)
  }
}

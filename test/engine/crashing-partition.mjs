// The engine's partition in a worker that dies once, in the middle of a record: when it meets the offset in the file
// named by VITALWIRE_TEST_CRASH. The file is removed first, so that the next worker lives.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { Partition as Real } from '../../dist/engine/partition.js'

export class Partition extends Real {
  process(record, offset, sink) {
    const file = process.env.VITALWIRE_TEST_CRASH
    if (record.type === 'message' && existsSync(file) && offset >= Number(readFileSync(file, 'utf8'))) {
      rmSync(file)
      process.exit(7)
    }
    super.process(record, offset, sink)
  }
}

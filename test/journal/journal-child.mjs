// Appends to a journal in a process of its own, which the test lets die. Runs the compiled program.
import { writeSync } from 'node:fs'
import { LocalJournal } from '../../dist/journal/local-journal.js'
import { indexSegments } from '../../dist/journal/segment-index.js'

const [, , mode, dir, afterMs] = process.argv
const journal = new LocalJournal(indexSegments('journal', dir), { run: 1, worker: 0 })
const message = n => ({ type: 'message', device: 'd-1', topic: 'w', stream: 'ecg', payload: Buffer.from(`message ${n}`), at: n })

if (mode === 'kill') {
  const end = Date.now() + Number(afterMs)
  for (let n = 0; ; n++) {
    const offset = journal.append(9, message(n))
    writeSync(1, `${offset}\n`)
    if (Date.now() >= end) process.kill(process.pid, 'SIGKILL')
  }
}

let accepted = 0
try {
  for (;;) {
    journal.append(9, message(accepted))
    accepted += 1
  }
} catch (error) {
  writeSync(1, JSON.stringify({ accepted, code: error.code }))
}

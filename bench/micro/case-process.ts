import { cases } from './cases/index.js'
import { measureCase } from './measure-case.js'

// One case in a process of its own: `case-process NAME ROUNDS ROUND_MS`; prints its result as JSON.
const [name = '', rounds = '12', roundMs = '60'] = process.argv.slice(2)
const make = cases[name]
if (make === undefined) throw new Error(`no case ${name}; there are ${Object.keys(cases).join(', ')}`)
const result = measureCase(name, await make(), { rounds: Number(rounds), roundMs: Number(roundMs) })
process.stdout.write(`${JSON.stringify(result)}\n`)

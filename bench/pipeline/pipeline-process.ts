import { measurePipeline } from './measure-pipeline.js'
import { findSource, type SourceName } from './sources.js'

// One session in a process of its own: `pipeline-process NAME SECONDS ROUNDS`; prints its result as JSON.
const [name = 'ecg', seconds = '600', rounds = '5'] = process.argv.slice(2)
const result = await measurePipeline(name, findSource(name as SourceName, Number(seconds)), Number(rounds))
process.stdout.write(`${JSON.stringify(result)}\n`)

import type { FromGenerator, LoadPlan, ToGenerator } from './generator-messages.js'
import { LoadRun } from './load-run.js'
import { makeTemplates } from './template.js'

// The load generator, in a process of its own so that its CPU time is not the engine's: `generator PLAN_JSON`, forked.
const plan = JSON.parse(process.argv[2] ?? 'null') as LoadPlan
const run = new LoadRun(plan, await makeTemplates({ count: plan.templates, alertEvery: plan.alertEvery, seconds: plan.seconds }))
const say = (message: FromGenerator) => process.send?.(message)

process.on('message', (message: ToGenerator) => {
  const work =
    message.type === 'births'
      ? run.births().then(() => say({ type: 'born' }))
      : run.go(message.watched).then(result => {
          say({ type: 'done', result })
          process.disconnect()
        })
  work.catch((error: unknown) => {
    process.stderr.write(`load generator: ${(error as Error).stack}\n`)
    process.exit(1)
  })
})
say({ type: 'ready' })

// A simulated patient whose heart stops, through the whole pipeline in this process. Run it after `npm run build` with
// `node examples/analyze-simulation.js`; CI does.
import { defaultOptions, runRecording, simulatePatients } from 'vitalwire'

const [patient] = simulatePatients({ patients: 1, scenario: 'asystole', seed: 3, durationSeconds: 60 })
const [life] = patient.played.lives(0)
const alerts = []

const run = await runRecording(life.virtual, defaultOptions, event => {
  if (event.type === 'condition' && event.body.to === 'active') alerts.push(event)
})

for (const alert of alerts) console.log(`${alert.body.priority} ${alert.body.condition}: ${alert.body.message}`)
console.log(`${run.eventCount} events, hash ${run.eventHash}`)

import { Command } from 'commander'
import { bootFromTime } from '../replay/play-recording.js'
import { type ScenarioName, scenarioNames } from '../simulate/scenario.js'
import { simulatePatients } from '../simulate/simulate-patients.js'
import { addBrokerFlags, type BrokerFlags, readBrokerFlags } from './broker-flags.js'
import { stopOnSignals } from './interrupt.js'
import { parseChunk, parseNumber, parseWhole } from './options.js'
import { describeResult, playDevices } from './play-devices.js'
import { writeJson } from './write-line.js'

interface SimulateFlags extends BrokerFlags {
  patients: string
  scenario: string
  seed: string
  duration?: string
  chunk: string
  live?: boolean
  json?: boolean
}

export function simulateCommand(): Command {
  const command = new Command('simulate').description(
    'Synthetic patients as devices over MQTT: ECG, PPG in red and infrared, respiration, numerics.',
  )
  return addBrokerFlags(command)
    .option('--patients <n>', 'number of patients, 1 to 10000', '1')
    .option('--scenario <name>', `mixed, ${scenarioNames.join(', ')}`, 'stable')
    .option('--seed <n>', 'whole number; equal seeds make equal signals', '1')
    .option('--duration <seconds>', 'seconds of signal, 1 or more (default: until stopped)')
    .option('--chunk <seconds>', 'chunk length, 0.25 to 2 s', '1')
    .option('--live', 'a device clock like that of a live device (default: a recorded one)')
    .option('--json', 'print a line {record, device, patient, eventHash, eventCount} for each patient once its session has closed')
    .action(run)
}

async function run(flags: SimulateFlags): Promise<void> {
  const signal = stopOnSignals()
  const broker = await readBrokerFlags(flags)
  const durationSeconds = flags.duration === undefined ? null : parseNumber(flags.duration, '--duration (seconds)', 1, Number.MAX_VALUE)
  const simulated = simulatePatients({
    patients: parseWhole(flags.patients, '--patients', 1, 10_000),
    // Checked there, with what is accepted.
    scenario: flags.scenario as ScenarioName | 'mixed',
    seed: parseWhole(flags.seed, '--seed', 0, Number.MAX_SAFE_INTEGER),
    chunkSeconds: parseChunk(flags.chunk),
    // Shown and stored as of now; no epoch enters the hash.
    epoch: Date.now() * 1000,
    boot: bootFromTime(Date.now()),
    clock: flags.live === true ? 'monotonic' : 'recorded',
    ...(durationSeconds === null ? {} : { durationSeconds }),
  })
  await playDevices(
    simulated.map(patient => patient.played),
    {
      ...broker,
      endless: durationSeconds === null,
      signal,
      seconds: durationSeconds ?? Number.POSITIVE_INFINITY,
      print: result => {
        if (flags.json === true) writeJson(result)
        else process.stdout.write(describeResult(result))
      },
    },
  )
}

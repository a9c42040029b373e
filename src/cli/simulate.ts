import { Command } from 'commander'
import { bootFromTime } from '../replay/play-recording.js'
import { replayDevices } from '../replay/replay-devices.js'
import { type ScenarioName, scenarioNames } from '../simulate/scenario.js'
import { simulatePatients } from '../simulate/simulate-patients.js'
import { addBrokerFlags, type BrokerFlags, parseSpeed, readBrokerFlags, stopOnSignals } from './broker-flags.js'
import { parseNumber, parseWhole } from './options.js'

interface SimulateFlags extends BrokerFlags {
  patients: string
  scenario: string
  seed: string
  duration?: string
  speed: string
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
    .option('--duration <seconds>', 'seconds of signal (default: until stopped)')
    .option('--speed <n>', 'times real time, or max', '1')
    .option('--chunk <seconds>', 'chunk length, 0.25 to 2 s', '1')
    .option('--live', 'a device clock like that of a live device, instead of a recorded one')
    .option('--json', 'print a line for each patient once its session has closed')
    .action(run)
}

async function run(flags: SimulateFlags): Promise<void> {
  const broker = await readBrokerFlags(flags)
  const speed = parseSpeed(flags.speed)
  const simulated = simulatePatients({
    patients: parseWhole(flags.patients, '--patients', 1, 10_000),
    scenario: flags.scenario as ScenarioName | 'mixed',
    seed: parseWhole(flags.seed, '--seed', 0, Number.MAX_SAFE_INTEGER),
    chunkSeconds: parseNumber(flags.chunk, '--chunk (seconds)', 0.25, 2),
    boot: bootFromTime(Date.now()),
    clock: flags.live === true ? 'monotonic' : 'recorded',
    ...(flags.duration === undefined ? {} : { durationSeconds: parseNumber(flags.duration, '--duration (seconds)', 1, Number.MAX_VALUE) }),
  })
  await replayDevices(
    simulated.map(patient => patient.played),
    {
      ...broker,
      speed,
      signal: stopOnSignals(),
      onResult: result => {
        if (flags.json === true) process.stdout.write(`${JSON.stringify({ ...result, scenario: flags.scenario })}\n`)
        else
          process.stdout.write(
            `${result.device}: ${result.outcome}, eventHash ${result.eventHash ?? 'none'}, ${result.eventCount ?? 'no'} events\n`,
          )
      },
    },
  )
}

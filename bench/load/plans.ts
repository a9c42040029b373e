import type { RunOptions } from '../options.js'
import type { EndToEndOptions } from './end-to-end.js'
import { mosquittoPath } from './servers.js'

/** In-flight messages a connection, as a broker's usual receive maximum. */
const window = 100

/** The end-to-end runs of one call: as fast as it goes, and in real time, for each broker at hand. */
export function planRuns(options: RunOptions, program: string): EndToEndOptions[] {
  const { quick, profile } = options
  const brokers = (['embedded', 'mosquitto'] as const).filter(
    broker => (options.broker ?? broker) === broker && (broker === 'embedded' || mosquittoPath !== null),
  )
  const paces = [
    { pace: 'as-fast-as-it-goes', speed: null, devices: quick ? 20 : 100, seconds: quick ? 20 : 90 },
    { pace: 'real-time', speed: 1, devices: quick ? 20 : 300, seconds: quick ? 12 : 15 },
  ].filter(({ speed }) => options.speed === undefined || (options.speed === null) === (speed === null))
  const { levels, rounds } = options
  const turns = Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? levels : levels.toReversed())).flat()
  const runs = brokers.flatMap(broker => paces.flatMap(pace => turns.map(level => ({ broker, level, ...pace }))))
  return runs.map(({ broker, level, pace, speed, devices, seconds }) => ({
    name: levels.length === 1 ? `${broker}, ${pace}` : `${broker}, ${pace}, level ${level}`,
    broker,
    level,
    program,
    devices: options.devices ?? devices,
    seconds: options.seconds ?? seconds,
    speed: options.speed ?? speed,
    templates: 10,
    alertEvery: 5,
    connections: Math.min(options.connections ?? Number.POSITIVE_INFINITY, options.devices ?? devices),
    window,
    workers: options.workers,
    nodeOptions: profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  }))
}

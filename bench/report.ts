import type { EndToEndResult } from './load/end-to-end.js'
import type { CaseResult } from './micro/measure-case.js'
import type { PipelineResult } from './pipeline/measure-pipeline.js'
import type { Spread } from './statistics.js'

/** Markdown tables, as they stand in docs/benchmarks.md. */
export function microTable(results: readonly CaseResult[]): string {
  return table(
    ['case', 'a unit', 'candidate', 'spread', 'baseline', 'baseline is', 'times faster'],
    results.map(({ name, work, candidate, baseline, ratio }) => [
      name,
      work.of,
      time(candidate.nanoseconds.median / work.count),
      spread(candidate.nanoseconds),
      baseline.name.startsWith('yardstick') ? '-' : time(baseline.nanoseconds.median / work.count),
      baseline.name.startsWith('yardstick') ? 'none' : baseline.name,
      baseline.name.startsWith('yardstick') ? '-' : ratio.median.toFixed(2),
    ]),
  )
}

export function pipelineTable(results: readonly PipelineResult[]): string {
  return table(
    ['session', 'analyze (read, encode, decode, monitor)', 'spread', 'monitor (bytes to events)', 'spread'],
    results.map(({ source, analyze, monitor }) => [
      source,
      `${whole(analyze.median)} s/s`,
      spread(analyze),
      `${whole(monitor.median)} s/s`,
      spread(monitor),
    ]),
  )
}

export function endToEndTable(results: readonly EndToEndResult[]): string {
  return table(
    [
      'run',
      'devices',
      'acknowledged/s',
      'processed/s',
      'patients/core',
      'engine us/message',
      'engine / generator / broker CPU s',
      'peak MiB',
      'PUBACK p50 / p95 / p99 ms',
      'alert p50 / p95 / p99 ms',
    ],
    results.map(result => {
      const { cpu, puback, alert } = result
      const broker = cpu.broker === null ? '-' : cpu.broker.toFixed(1)
      return [
        result.name,
        String(result.plan.devices),
        whole(result.acknowledgedPerSecond),
        whole(result.processedPerSecond),
        whole(result.patientsPerCore),
        whole(result.engineMicrosPerMessage),
        `${cpu.engine.toFixed(1)} / ${cpu.generator.toFixed(1)} / ${broker}`,
        whole(result.engineMiB.peak),
        [puback.p50, puback.p95, puback.p99].map(milliseconds).join(' / '),
        [alert.p50, alert.p95, alert.p99].map(milliseconds).join(' / '),
      ]
    }),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function time(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toPrecision(3)} ns`
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toPrecision(3)} us` : `${(nanoseconds / 1e6).toPrecision(3)} ms`
}

function spread(of: Spread): string {
  return `+-${(100 * of.relativeQuartile).toFixed(0)} %`
}

function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-GB')
}

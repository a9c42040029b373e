import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { influxdPath, mosquittoPath } from '../../bench/faults/servers.js'
import { repository } from '../support/running-server.js'

const equipped = mosquittoPath !== null && influxdPath !== null

async function benchFaults(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [path.join(repository, 'bench', 'run.js'), 'faults', ...args], { cwd: repository })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  await once(child, 'close')
  return { code: child.exitCode, output }
}

// Some two minutes on an idle machine; a busy one takes as long as it takes.
describe('fault bench', { timeout: 900_000 }, () => {
  it.skipIf(!equipped)(
    `loses, doubles and changes nothing over ten seeds of kills, outages and full disks${equipped ? '' : ' (needs mosquitto and influxd)'}`,
    async () => {
      const { code, output } = await benchFaults('--seeds', '10', '--from', '1', '--jobs', '2')
      expect(code, output).toBe(0)
      const sums = JSON.parse(output.slice(output.indexOf('\n{'))) as Record<string, unknown>
      expect(sums).toMatchObject({ seeds: 10, failed: [], seedsWithCloseKill: 10 })
      expect(sums.events).toBeGreaterThan(2000)
    },
  )

  it('refuses options that it does not have, and says what is accepted', async () => {
    expect(await benchFaults('--seeds', 'many')).toMatchObject({ code: 2, output: expect.stringMatching(/whole number from 1 to 10000/) })
  })
})

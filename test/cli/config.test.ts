import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand, scratchFolder } from '../support/running-server.js'

const scratch = scratchFolder('config-cli')
const file = path.join(scratch.path, 'config.json')
afterAll(scratch.remove)

describe('config', () => {
  it('check accepts a good file and shows the plan with its latencies', async () => {
    writeFileSync(file, '{"http": {"port": 8081}}')
    const { code, stdout, stderr } = await runCommand(['config', 'check', file])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/config\.json: accepted\nPlan .*\n {2}ecg .* s at \d+ Hz: heart-rate/)
  })

  it('check --json has every mistake in one document, with exit 2', async () => {
    writeFileSync(file, '{"http": {"port": 0}, "brokr": 1}')
    const { code, stdout, stderr } = await runCommand(['config', 'check', file, '--json'])
    expect([code, stderr]).toEqual([2, ''])
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('brokr'), expect.stringContaining('http.port')],
    })
  })

  it('check finds TLS files that cannot be read', async () => {
    writeFileSync(
      file,
      JSON.stringify({ http: { tls: { certFile: path.join(scratch.path, 'a.pem'), keyFile: path.join(scratch.path, 'b.pem') } } }),
    )
    const { code, stderr } = await runCommand(['config', 'check', file])
    expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 2])
    expect(stderr).toMatch(/http\.tls\.certFile: ".*a\.pem" cannot be read[\s\S]*http\.tls\.keyFile/)
  })

  it('print --json has every default', async () => {
    writeFileSync(file, '{"workers": 3}')
    const { code, stdout } = await runCommand(['config', 'print', file, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ config: { workers: 3, assign: 'manual', broker: { host: '127.0.0.1', port: null } } })
  })
})

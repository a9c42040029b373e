import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { repository, runCommand, scratchFolder } from '../support/running-server.js'

/** A small set whose files are at hand is served anew, whole or broken off. */
const name = 'rr-day'
const { files } = JSON.parse(readFileSync(path.join(repository, 'datasets', name, 'manifest.json'), 'utf8')) as {
  files: [path: string, bytes: number, sha256: string][]
}

describe.skipIf(!hasDataset(name))(`datasets (needs the dataset ${name})`, () => {
  const scratch = scratchFolder('datasets-cli')
  const env = { VITALWIRE_DATASETS: scratch.path }
  const ranges: string[] = []
  let breaking = true
  let server: Server
  let from = ''

  beforeAll(async () => {
    server = createServer((request, response) => {
      const bytes = readFileSync(datasetPath(name, decodeURIComponent(request.url ?? '/')))
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      if (start > 0) {
        ranges.push(request.url ?? '')
        response.writeHead(206, { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` })
      }
      // Broken off in the middle of the second file, every time a little later.
      if (breaking && request.url === `/${files[1]![0]}`) {
        response.write(bytes.subarray(start, start + 1000), () => response.socket?.end())
      } else response.end(bytes.subarray(start))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    scratch.remove()
  })

  it('get goes on where an interrupted download stopped, and puts the set under its name', async () => {
    const broken = await runCommand(['datasets', 'get', name, '--from', from], { env })
    expect([broken.code, broken.stdout]).toEqual([3, ''])
    expect(broken.stderr).toMatch(/^vitalwire: .*\[network-http\]\n$/)
    const part = path.join(scratch.path, name, `${files[1]![0]}.part`)
    expect(statSync(part).size).toBeGreaterThan(0)
    breaking = false
    ranges.length = 0
    const { code, stdout, stderr } = await runCommand(['datasets', 'get', name, '--from', from, '--json'], { env })
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({ name, folder: path.join(scratch.path, name) })
    expect(ranges).toEqual([`/${files[1]![0]}`])
    expect(existsSync(part)).toBe(false)
  })

  it('check accepts what get brought, and exit 1 names what differs', async () => {
    const good = await runCommand(['datasets', 'check', name, '--json'], { env })
    expect([good.code, JSON.parse(good.stdout)]).toMatchObject([0, { ok: true, faults: [], files: files.length }])
    cpSync(path.join(scratch.path, name, files[0]![0]), path.join(scratch.path, name, files[1]![0]))
    const bad = await runCommand(['datasets', 'check', name], { env })
    expect(bad.code).toBe(1)
    expect(bad.stdout).toContain(files[1]![0])
  })

  it('list says where each set is', async () => {
    const { code, stdout } = await runCommand(['datasets', 'list', '--json'], { env })
    const { root, datasets } = JSON.parse(stdout) as { root: string; datasets: { name: string; folder: string | null }[] }
    expect([code, root]).toEqual([0, scratch.path])
    expect(datasets.filter(({ folder }) => folder !== null).map(set => set.name)).toEqual([name])
    expect(datasets.length).toBeGreaterThan(15)
  })
})

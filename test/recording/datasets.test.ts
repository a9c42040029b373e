import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DownloadProgress, getDataset } from '../../src/recording/dataset-download.js'
import { checkDataset, datasetFolder, datasetsRoot, listDatasets, readManifest } from '../../src/recording/datasets.js'
import { datasetPath } from './paths.js'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('manifests', () => {
  it('say origin, licence, citation and checksums of every set', async () => {
    const manifests = await listDatasets()
    expect(manifests.length).toBeGreaterThanOrEqual(19)
    for (const item of manifests) {
      expect(item.citation.length, item.name).toBeGreaterThan(20)
      expect(item.licence.name.length, item.name).toBeGreaterThan(2)
      expect(item.fileCount, item.name).toBeGreaterThan(0)
      expect(item.treeSha256, item.name).toMatch(/^[0-9a-f]{64}$/)
      if (item.files === null) expect(item.fileCount, item.name).toBeGreaterThanOrEqual(300)
      else {
        expect(item.files.length, item.name).toBe(item.fileCount)
        expect(
          item.files.reduce((sum, file) => sum + file.bytes, 0),
          item.name,
        ).toBe(item.bytes)
        const lines = item.files.map(file => `${file.sha256}  ${file.path}\n`).join('')
        expect(sha256(Buffer.from(lines)), item.name).toBe(item.treeSha256)
      }
    }
  })

  for (const name of ['cudb', 'mimic4wdb', 'uw-hypoxia', 'cinc2017']) {
    it.skipIf(datasetPath(name) === null)(`agree with ${name} at hand (needs the dataset ${name})`, async () => {
      expect((await checkDataset(name)).faults).toEqual([])
    })
  }

  it('name the sets there are when one is not', async () => {
    await expect(readManifest('mitbd')).rejects.toMatchObject({ code: 'dataset-missing', message: expect.stringContaining('mitdb') })
  })
})

describe('where datasets are', () => {
  it('VITALWIRE_DATASETS first, then the cache', () => {
    expect(datasetsRoot({ VITALWIRE_DATASETS: '/d', XDG_CACHE_HOME: '/c' })).toBe('/d')
    expect(datasetsRoot({ XDG_CACHE_HOME: '/c' })).toBe('/c/vitalwire/datasets')
    expect(datasetsRoot({})).toMatch(/\/\.cache\/vitalwire\/datasets$/)
  })

  it('an absent set is named with the folder that was looked in', async () => {
    await expect(datasetFolder('mitdb', '/nowhere')).rejects.toMatchObject({
      code: 'dataset-missing',
      exitCode: 3,
      message: expect.stringContaining('/nowhere/mitdb'),
    })
  })
})

describe('getDataset', () => {
  const content = { 'a.dat': Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) & 0xff), 'sub/b c.hea': Buffer.from('b 0 1\n') }
  type Handler = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => void
  let folder = ''
  let manifests = ''
  let dest = ''
  let server: Server
  let handler: Handler
  let requests: string[] = []
  let baseUrl = ''

  const plain: Handler = (request, response, bytes) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const from = Number(range?.[1] ?? 0)
    if (range !== null) response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
    response.end(bytes.subarray(from))
  }

  /** Sends `count` bytes and breaks the connection. */
  const breakAfter =
    (count: number): Handler =>
    (_, response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, count), () => setImmediate(() => response.destroy()))
    }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitalwire-datasets-'))
    manifests = join(folder, 'manifests')
    dest = join(folder, 'root', 'tiny')
    await mkdir(join(manifests, 'tiny'), { recursive: true })
    const files = Object.entries(content).map(([path, bytes]) => [path, bytes.length, sha256(bytes)])
    const bytes = Object.values(content).reduce((sum, item) => sum + item.length, 0)
    const texts = { title: 't', publisher: 'p', selection: 's', citation: 'c', annotations: 'a', treeSha256: '' }
    const manifest = {
      name: 'tiny',
      origin: 'synthetic',
      url: null,
      filesUrl: null,
      licence: { name: 'x', redistribute: true },
      fs: {},
      units: {},
      ...texts,
    }
    await writeFile(join(manifests, 'tiny', 'manifest.json'), JSON.stringify({ ...manifest, fileCount: files.length, bytes, files }))
    requests = []
    handler = plain
    server = createServer((request, response) => {
      requests.push(`${request.url} ${request.headers.range ?? 'whole'}`)
      const bytes = content[decodeURIComponent((request.url ?? '').slice(3)) as keyof typeof content]
      if (bytes === undefined) response.writeHead(404).end()
      else handler(request, response, bytes)
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/d/`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise(done => server.close(done))
    await rm(folder, { recursive: true })
  })

  const get = (options: { attempts?: number; onProgress?: (progress: DownloadProgress) => void } = {}) =>
    getDataset('tiny', dest, { baseUrl, manifests, ...options })

  it('brings every file, checked, and does not ask again for what is there', async () => {
    const progress: DownloadProgress[] = []
    await get({ onProgress: item => progress.push(item) })
    for (const [path, bytes] of Object.entries(content)) expect(sha256(await readFile(join(dest, path)))).toBe(sha256(bytes))
    expect(progress.at(-1)).toMatchObject({ done: 2, files: 2, bytes: 300_006, totalBytes: 300_006 })
    expect(progress.every((item, i) => item.bytes >= (progress[i - 1]?.bytes ?? 0))).toBe(true)
    expect((await checkDataset('tiny', { root: join(folder, 'root'), manifests })).faults).toEqual([])
    requests = []
    await get()
    expect(requests).toEqual([])
  })

  it('goes on where an earlier run stopped', async () => {
    await mkdir(dest, { recursive: true })
    await writeFile(join(dest, 'a.dat.part'), content['a.dat'].subarray(0, 123_456))
    await get()
    expect(requests[0]).toBe('/d/a.dat bytes=123456-')
    expect(sha256(await readFile(join(dest, 'a.dat')))).toBe(sha256(content['a.dat']))
    expect((await readdir(dest)).sort()).toEqual(['a.dat', 'sub'])
  })

  it('a broken connection leaves a part and no file, and the next try goes on from it', async () => {
    handler = breakAfter(100_000)
    await expect(get({ attempts: 1 })).rejects.toMatchObject({ code: 'network-http' })
    expect(existsSync(join(dest, 'a.dat'))).toBe(false)
    // How much of it arrived before the break is the network's affair.
    const size = (await stat(join(dest, 'a.dat.part')).catch(() => null))?.size ?? 0
    let tries = 0
    handler = (request, response, bytes) => (tries++ === 0 ? breakAfter(50_000)(request, response, bytes) : plain(request, response, bytes))
    requests = []
    await get({ attempts: 2 })
    expect(requests[0]).toBe(`/d/a.dat ${size === 0 ? 'whole' : `bytes=${size}-`}`)
    expect(sha256(await readFile(join(dest, 'a.dat')))).toBe(sha256(content['a.dat']))
    expect((await readdir(dest)).sort()).toEqual(['a.dat', 'sub'])
  })

  it('starts anew with a server that knows no ranges', async () => {
    await mkdir(dest, { recursive: true })
    await writeFile(join(dest, 'a.dat.part'), content['a.dat'].subarray(0, 1000))
    handler = (_, response, bytes) => void response.end(bytes)
    await get()
    expect(sha256(await readFile(join(dest, 'a.dat')))).toBe(sha256(content['a.dat']))
  })

  it('discards a part that turns out wrong, and never calls it the file', async () => {
    await mkdir(dest, { recursive: true })
    await writeFile(join(dest, 'a.dat.part'), new Uint8Array(1000).fill(7))
    await expect(get()).rejects.toMatchObject({ code: 'dataset-corrupt', message: expect.stringContaining(sha256(content['a.dat'])) })
    expect(await readdir(dest)).toEqual([])
    await get()
    expect(existsSync(join(dest, 'a.dat'))).toBe(true)
  })

  it('replaces a file at hand that differs from its checksum, which check tells', async () => {
    await get()
    await writeFile(join(dest, 'a.dat'), new Uint8Array(300_000))
    await rm(join(dest, 'sub/b c.hea'))
    const { faults } = await checkDataset('tiny', { root: join(folder, 'root'), manifests })
    expect(faults.map(({ path, fault }) => [path, fault])).toEqual([
      ['a.dat', 'checksum'],
      ['sub/b c.hea', 'missing'],
    ])
    await get()
    expect((await checkDataset('tiny', { root: join(folder, 'root'), manifests })).faults).toEqual([])
  })

  it('stops a server that sends more than the file has, and one that answers wrongly', async () => {
    handler = (_, response) => void response.end(new Uint8Array(400_000))
    await expect(get()).rejects.toMatchObject({ code: 'dataset-corrupt' })
    handler = (_, response) => void response.writeHead(503).end()
    requests = []
    await expect(get({ attempts: 2 })).rejects.toMatchObject({ code: 'network-http', message: expect.stringContaining('503') })
    expect(requests).toHaveLength(2)
    handler = (_, response, bytes) =>
      void response.writeHead(206, { 'content-range': `bytes 5-${bytes.length - 1}/${bytes.length}` }).end(bytes.subarray(5))
    await expect(get({ attempts: 1 })).rejects.toMatchObject({ code: 'network-http', message: expect.stringContaining('range') })
  })

  it('says how to come by a set that has no files to fetch', async () => {
    await expect(getDataset('tiny', dest, { manifests })).rejects.toMatchObject({ code: 'dataset-missing' })
  })
})

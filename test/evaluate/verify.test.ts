import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Manifest, makeManifest, readManifest } from '../../src/evaluate/output/manifest.js'
import { drawPlot } from '../../src/evaluate/output/plot-svg.js'
import { recordsCsv } from '../../src/evaluate/output/records-csv.js'
import { writeOutput } from '../../src/evaluate/output/write-output.js'
import { beatsSuite } from '../../src/evaluate/suites/beats.js'
import { compareData, compareResult, requestAgain } from '../../src/evaluate/verify.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { quietContext, smallRequest, writeSmallDatabase } from './small-database.js'

let folder = ''
let database = ''
let out = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vitalwire-verify-'))
  database = path.join(folder, 'database')
  out = path.join(folder, 'out')
  const { mkdir } = await import('node:fs/promises')
  await mkdir(database)
  await writeSmallDatabase(database)
  const request = smallRequest(database)
  const result = await beatsSuite.run(request, quietContext)
  await writeOutput(out, request, result, await makeManifest(request, result))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const manifestFile = () => path.join(out, 'manifest.json')

describe('--out', () => {
  it('writes the document, a table of records, reports and the annotations as scored', async () => {
    const document = JSON.parse(readFileSync(path.join(out, 'result.json'), 'utf8')) as { gross: { tp: number }; records: unknown[] }
    expect(document.records).toHaveLength(2)
    expect(readFileSync(path.join(out, 'records.csv'), 'utf8').split('\r\n')[1]).toMatch(/^r1,\d+,0,0,100,100,100,/)
    expect(readFileSync(path.join(out, 'report.md'), 'utf8')).toContain(`| ${document.gross.tp} | 0 | 0 |`)
    const annotations = await readAnnotations(path.join(out, 'annotations', 'r1.vw'))
    expect(annotations.annotations.length).toBeGreaterThan(100)
  })

  it('makes a page that needs nothing from elsewhere', () => {
    const page = readFileSync(path.join(out, 'report.html'), 'utf8')
    expect(page.match(/<svg /g)!.length).toBeGreaterThanOrEqual(3)
    expect(page).not.toMatch(/(src|href)=|url\(|@import|<script/)
    expect(page).toContain('Not a medical device')
  })

  it('names every data file with its hash', async () => {
    const { data, request, environment } = await readManifest(manifestFile())
    expect(data.map(file => file.path)).toEqual(['r1.atr', 'r1.dat', 'r1.hea', 'r2.atr', 'r2.dat', 'r2.hea'])
    expect(data.every(file => /^[0-9a-f]{64}$/.test(file.sha256))).toBe(true)
    expect(request).toEqual(smallRequest(database))
    expect(environment.node).toBe(process.version)
  })
})

describe('--verify', () => {
  it('finds the same data and the same result again, also where the database was moved', async () => {
    const moved = path.join(folder, 'moved')
    await cp(database, moved, { recursive: true })
    const manifest = await readManifest(manifestFile())
    const request = requestAgain(manifest, moved)
    expect(await compareData(manifest, moved)).toEqual([])
    expect(compareResult(manifest, await beatsSuite.run(request, quietContext))).toEqual([])
  })

  it('detects one changed byte, and a file that is gone', async () => {
    const changed = path.join(folder, 'changed')
    await cp(database, changed, { recursive: true })
    const file = path.join(changed, 'r2.dat')
    const bytes = readFileSync(file)
    bytes[12_345] = bytes[12_345]! ^ 1
    writeFileSync(file, bytes)
    rmSync(path.join(changed, 'r1.atr'))
    const differences = await compareData(await readManifest(manifestFile()), changed)
    expect(differences.map(({ of, path: name, found }) => [of, name, found === 'no file'])).toEqual([
      ['data', 'r1.atr', true],
      ['data', 'r2.dat', false],
    ])
  })

  it('says which figures differ', async () => {
    const manifest = await readManifest(manifestFile())
    const other = await beatsSuite.run({ ...manifest.request, from: 60 }, quietContext)
    const paths = compareResult(manifest, other).map(difference => difference.path)
    expect(paths).toContain('fromSeconds')
    expect(paths).toContain('gross.tp')
    expect(paths.some(name => /cpu/i.test(name))).toBe(false)
  })

  it.each([
    ['is no JSON', 'hello'],
    ['is another JSON', '{"format":"x"}'],
  ])('refuses a file that %s', async (_, text) => {
    const file = path.join(folder, 'other.json')
    writeFileSync(file, text)
    await expect(readManifest(file)).rejects.toMatchObject({ code: 'usage-option' })
  })

  it('refuses a manifest whose result was edited', async () => {
    const manifest = await readManifest(manifestFile())
    const edited: Manifest = { ...manifest, result: { ...manifest.result, suite: 'other' } }
    const result = await beatsSuite.run(manifest.request, quietContext)
    expect(() => compareResult(edited, result)).toThrow(/does not fit its own hash/)
  })
})

describe('tables and plots', () => {
  it('writes nested fields and quotes of CSV', () => {
    expect(
      recordsCsv([
        { record: 'a,b', x: { y: 1, z: null } },
        { record: 'c"d', w: [1, 2] },
      ]),
    ).toBe('record,x.y,x.z,w\r\n"a,b",1,,\r\n"c""d",,,1 2\r\n')
  })

  it('gives limits of agreement and intervals two columns, also where some records have none', () => {
    const records = [
      { record: 'a', limits: null, atSeconds: [3, 4] },
      { record: 'b', limits: [-1.5, 2], ci95: { mae: [0, null] }, seCi95: [90, 100] },
    ]
    expect(recordsCsv(records)).toBe(
      'record,atSeconds,limits.lower,limits.upper,ci95.mae.lower,ci95.mae.upper,seCi95.lower,seCi95.upper\r\na,3 4,,,,,,\r\nb,,-1.5,2,0,,90,100\r\n',
    )
  })

  it('draws bars and lines within the picture, and nothing of nothing', () => {
    const bars = { kind: 'bars', title: 'B', yLabel: '%', series: ['a', 'b'], bars: [{ name: 'x<y', values: [3, null] }] } as const
    const svg = drawPlot(bars)
    expect(svg).toContain('x&lt;y')
    expect([...svg.matchAll(/ height="([\d.]+)"/g)].every(([, height]) => Number(height) > 0)).toBe(true)
    const lines = {
      kind: 'lines',
      title: 'L',
      xLabel: 'x',
      yLabel: 'y',
      lines: [
        {
          name: 'n',
          points: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
    } as const
    expect(
      drawPlot({
        ...lines,
        lines: [
          {
            name: 'n',
            points: [
              [1, 2],
              [3, 4],
            ],
          },
        ],
      }),
    ).toContain('<polyline')
    expect(drawPlot({ ...lines, lines: [] })).toBe('')
  })
})

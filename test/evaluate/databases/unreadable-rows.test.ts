import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { readChallengeReferences } from '../../../src/evaluate/atrial/challenge-2017.js'
import { readHypoxiaPerson, readHypoxiaReference } from '../../../src/evaluate/databases/hypoxia-folder.js'
import { readMonitorNumerics, requireNumbers } from '../../../src/evaluate/databases/monitor-numerics.js'
import { readGlucoseFolder } from '../../../src/evaluate/glucose/cgm-folder.js'
import { renderText } from '../../../src/evaluate/output/render-report.js'
import { fallsSuite } from '../../../src/evaluate/suites/falls.js'
import { quietContext, smallRequest } from '../small-database.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-unreadable-'))
})
const write = (name: string, text: string | Buffer): string => {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}
const lines = (count: number, line: (i: number) => string): string[] => Array.from({ length: count }, (_, i) => line(i))
const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251))

describe('recordings of falls', () => {
  const rest = lines(2000, () => '  17,-256, -9, -18,-504,-352,  76,-697,-279;')
  const standing = lines(300, i => `${50 * i};${i};0.01;-1.0;0.02;0;3`)
  const head = ['% Universidad', '%C4:BE:84:70:0E:80; 3; WRIST; SensorTag', '']
  const sisfall = 'SA09/D01_SA09_R01.txt'
  const umafall = 'UMAFall_Subject_02_ADL_Walking_1_2016-06-13_20-27-49.csv'
  const run = () => fallsSuite.run(smallRequest(folder, { suite: 'falls' }), quietContext)

  it.each([
    ['an empty file', sisfall, '', /no row of values; accepted: rows of whole numbers/],
    ['a file of blank lines', sisfall, '\n\n\n', /no row of values/],
    [
      'a page of another kind',
      sisfall,
      '<html>\nnot found, sorry, gone\n</html>\n',
      /line 1: "<html>" cannot be read, nor can 3 of 3 rows/,
    ],
    ['bytes at random', sisfall, noise, /line 1: .* cannot be read/],
    ['texts where numbers should be', sisfall, `${lines(2000, () => 'a,b,c;').join('\n')}\n`, /line 1: "a,b,c;"/],
    ['the stump of a download', sisfall, rest.slice(0, 60).join('\n'), /has 0.3 s of acceleration; accepted: 5 s or more/],
    ['an empty file', umafall, '', /no row of values; accepted: rows of time/],
    ['bytes at random', umafall, noise, /line 1: .* cannot be read/],
    ['a header alone', umafall, head.join('\n'), /no row of values/],
    ['empty fields for numbers', umafall, [...head, ...lines(300, i => `${i};${i};;;;0;3`)].join('\n'), /line 4: "0;0;;;;0;3"/],
    ['no sensor at the wrist', umafall, standing.join('\n'), /no accelerometer at the wrist/],
    ['the stump of a download', umafall, [...head, ...standing.slice(0, 40)].join('\n'), /has 2.0 s of acceleration/],
  ])('%s is no evidence (%s)', async (_, name, text, message) => {
    const file = write(name, text)
    await expect(run()).rejects.toMatchObject({ code: 'recording-format', message: expect.stringMatching(message) as string })
    await expect(run()).rejects.toThrow(file)
  })

  it('counts and names the rows that cannot be read, in the document and in the report', async () => {
    write(sisfall, `${[...rest.slice(0, 700), 'oops', '1,2', ...rest.slice(700)].join('\r\n')}\r\n`)
    write(umafall, [...head, ...standing, '1;2;x;'].join('\n'))
    const result = await run()
    expect(result.document.warnings).toEqual([
      'D01_SA09_R01.txt: 2 of 2002 rows cannot be read and count as missing, the first is line 701: "oops"',
      `${umafall}: 1 of 301 rows cannot be read and count as missing, the first is line 304: "1;2;x;"`,
    ])
    expect(renderText(result)).toContain('warning: D01_SA09_R01.txt: 2 of 2002 rows')
  })

  it('says nothing of recordings that are whole, and has a line of all of the waist', async () => {
    write(sisfall, rest.join('\n'))
    write(sisfall.replace('R01', 'R02'), rest.join('\n'))
    write(umafall, [...head, ...standing].join('\n'))
    const result = await run()
    expect(result.document.warnings).toBeUndefined()
    expect(renderText(result)).toMatch(/^ {2}gross +0 +0 +- +- +2 +2 +100 .* waist$/m)
  })
})

describe('the hypoxia set', () => {
  const header = 'Time,SpO2 1,SpO2 2,SpO2 3,SpO2 4,SpO2 5,AC Gain 5,,,,,,,,,,'
  const second = '09:00:00,98,98,0,98,98,1,0,0,0,0,0,75,21,5,38,14'
  const halted = `Collection Halted${','.repeat(16)}`
  const light = ['R,G,B', ...lines(300, () => '40.05,89.1,49.48')]
  const reference = (rows: readonly string[]) => write('p1.reference.csv', [header, ...rows].join('\n'))
  const hand = (name: 'left' | 'right', rows: readonly string[]) => write(`p1.ppg-${name}.csv`, rows.join('\n'))

  it('keeps the second of a row that cannot be read, and names it; the closing remark is none', async () => {
    reference([second, second, 'garbage', second, second.replace('75', 'n/a'), second, halted])
    hand('left', [...light, '40,x,49', '1,2'])
    hand('right', light)
    const { seconds, hands, warnings } = await readHypoxiaPerson(folder, 'p1')
    expect(seconds.map(({ ecgHeartRate }) => ecgHeartRate)).toEqual([75, 75, null, 75, null, 75, null])
    expect(hands.left?.[0]?.slice(299)).toEqual(Float64Array.of(40.05, Number.NaN, Number.NaN))
    expect(warnings).toEqual([
      'p1.reference.csv: 2 of 7 rows cannot be read and count as missing, the first is line 4: "garbage"',
      'p1.ppg-left.csv: 2 of 302 rows cannot be read and count as missing, the first is line 302: "40,x,49"',
    ])
  })

  it('says which hand is not there, and refuses a person without any', async () => {
    reference([second])
    await expect(readHypoxiaPerson(folder, 'p1')).rejects.toMatchObject({ code: 'recording-missing' })
    hand('left', light)
    const { warnings, hands } = await readHypoxiaPerson(folder, 'p1')
    expect(Object.keys(hands)).toEqual(['left'])
    expect(warnings).toEqual(['p1: the right hand counts for nothing, p1.ppg-right.csv is not there'])
    // Oximeters alone need no light.
    expect((await readHypoxiaReference(folder, 'p1')).warnings).toEqual([])
  })

  it.each([
    ['an empty reference', '', light, /p1.reference.csv is empty/],
    ['a reference of a header alone', header, light, /p1.reference.csv has no row of values/],
    ['a reference of garbage', `${header}\nx\ny\n`, light, /p1.reference.csv, line 2: "x" cannot be read, nor can 2 of 2 rows/],
    ['empty light', `${header}\n${second}`, [], /p1.ppg-left.csv is empty/],
    ['light of garbage', `${header}\n${second}`, ['R,G,B', '{"a":1}', '{"a":2}'], /p1.ppg-left.csv, line 2/],
  ])('refuses %s', async (_, text, rows, message) => {
    write('p1.reference.csv', text)
    hand('left', rows)
    await expect(readHypoxiaPerson(folder, 'p1')).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message) as string,
    })
  })
})

describe('readings of glucose', () => {
  const rows = lines(6, i => `anna,2026-01-01 08:${5 + 5 * i}:00,10${i}`.replace(':5:', ':05:'))

  it('names rows without a time or a number; what a sensor shows beyond its range is none', async () => {
    write(
      'a.csv',
      ['id,time,gl', ...rows, '', 'anna,never,100', 'anna,2026-01-01 09:00:00,oops', 'anna,2026-01-01 09:05:00,Low', 'x'].join('\n'),
    )
    const { people, warnings } = await readGlucoseFolder(folder)
    expect(people.map(({ name, readings }) => [name, readings.length])).toEqual([['a/anna', 6]])
    expect(warnings).toEqual(['a.csv: 3 of 10 rows cannot be read and count as missing, the first is line 9: "anna,never,100"'])
  })

  it.each([
    ['a header alone', [], /a.csv has no row of values/],
    ['garbage', ['x', 'y'], /a.csv, line 2: "x" cannot be read, nor can 2 of 2 rows/],
    ['values of another unit', ['anna,2026-01-01 09:00:00,5.4'], /a.csv, line 2: reading 5.4; accepted: \d+ to \d+ mg\/dL/],
  ])('are refused of %s, beside files that can be read', async (_, damaged, message) => {
    write('a.csv', ['id,time,gl', ...damaged].join('\n'))
    write('b.csv', ['id,time,gl', ...rows].join('\n'))
    await expect(readGlucoseFolder(folder)).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message) as string,
    })
  })
})

it('labels of no record are refused', async () => {
  write('REFERENCE.csv', '\n')
  await expect(readChallengeReferences(folder)).rejects.toMatchObject({ code: 'recording-format' })
})

describe('the numbers of a bedside monitor', () => {
  const header = '"time","RR [rpm]","SpO2 [%]"'

  it('leaves out rows without a time or with a text, and names them', async () => {
    const file = write('7n.csv', [header, '1000,15,', ',15,98', '2000,--,98', '3000,16,97', '4000,,', '5000,17,'].join('\n'))
    const { numbers, warnings } = await readMonitorNumerics(file)
    expect(numbers['respiratory-rate'].map(({ value }) => value)).toEqual([15, 16, 17])
    expect(warnings).toEqual(['7n.csv: 2 of 6 rows cannot be read and count as missing, the first is line 3: ",15,98"'])
  })

  it.each([
    ['an empty file', '', /is empty/],
    ['a header alone', header, /no row of values/],
    ['garbage below a header', `${header}\nx\ny`, /line 2: "x"/],
    ['bytes at random', noise, /begins with column/],
  ])('refuses %s', async (_, text, message) => {
    const file = write('7n.csv', text)
    await expect(readMonitorNumerics(file)).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message) as string,
    })
  })

  it('refuses a file that never shows the number that is asked for', async () => {
    const file = write('7n.csv', `${header}\n1000,,98\n`)
    const shown = await readMonitorNumerics(file)
    expect(requireNumbers(file, shown, 'spo2')).toHaveLength(1)
    expect(() => requireNumbers(file, shown, 'respiratory-rate')).toThrow(
      /shows no respiratory-rate; accepted: numbers in a column "RR \[rpm\]"/,
    )
  })
})

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { notMedicalDevice } from '../../src/server/feed-protocol.js'
import { notice, version } from '../../src/version.js'
import { repository } from '../support/running-server.js'

const read = (...parts: string[]) => readFileSync(path.join(repository, ...parts), 'utf8')
const words = 'Not a medical device; research and engineering use'

it('the version is that of package.json', () => {
  expect(version).toBe((JSON.parse(read('package.json')) as { version: string }).version)
})

it.each([
  ['the notice of commands and reports', () => notice],
  ['the hello of the live feed', () => notMedicalDevice],
  ['README.md', () => read('README.md')],
  ['the description of the package', () => read('package.json')],
  ['the page', () => read('src', 'station', 'index.html')],
  ['the report', () => read('src', 'analysis', 'report.ts').replace(/\$\{escapeHtml\(notice\)\}/, notice)],
])('%s says that this is not a medical device', (_, text) => {
  expect(text().replace(/\s+/g, ' ')).toContain(words)
})

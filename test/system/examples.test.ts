import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { repository } from '../support/running-server.js'

const execute = promisify(execFile)

/** What each example prints, as its own comments say; a new example needs a line here. */
const printed: Readonly<Record<string, RegExp>> = {
  // A spike every 0.8 s for 10 s: 12 or 13 beats, the first and last at the edges.
  'detect-beats.js': /^1[1-3] beats\n$/,
  'analyze-simulation.js': /^([a-z]+ [a-z0-9-]+: .+\n)*high asystole: .+\n([a-z]+ [a-z0-9-]+: .+\n)*\d+ events, hash [0-9a-f]{64}\n$/,
}

it('every example is known', () => {
  expect(readdirSync(path.join(repository, 'examples')).sort()).toEqual(Object.keys(printed).sort())
})

it.each(Object.entries(printed))('examples/%s runs and prints what it says', async (file, pattern) => {
  const { stdout, stderr } = await execute(process.execPath, [path.join('examples', file)], { cwd: repository })
  expect(stderr).toBe('')
  expect(stdout).toMatch(pattern)
})

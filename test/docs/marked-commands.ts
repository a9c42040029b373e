import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../support/running-server.js'

export interface MarkedCommand {
  /** File and line, for the name of the test. */
  readonly where: string
  readonly command: string
}

const fence = /<!-- runs -->\s*\n```[a-z]*\n([\s\S]*?)```/g
/** These have tests of their own, and would start this one again. */
const skipped = /^npm (start|test|ci|run matrix)\b/

/** Commands in README.md and docs/ that stand in a fence below `<!-- runs -->`; a line that ends with `\` goes on. */
export function markedCommands(files = documents()): MarkedCommand[] {
  return files.flatMap(file => commandsIn(readFileSync(path.join(repository, file), 'utf8'), file))
}

export function commandsIn(text: string, file: string): MarkedCommand[] {
  return [...text.matchAll(fence)].flatMap(found => {
    const line = text.slice(0, found.index).split('\n').length + 2
    const lines = (found[1] ?? '').replace(/\s*\\\n\s*/g, ' ').split('\n')
    return lines
      .map(command => command.replace(/^\$ /, '').trim())
      .filter(command => command !== '' && !command.startsWith('#') && !skipped.test(command))
      .map(command => ({ where: `${file}:${line}`, command }))
  })
}

function documents(): string[] {
  const below = readdirSync(path.join(repository, 'docs'), { recursive: true, encoding: 'utf8' })
  return ['README.md', ...below.filter(file => file.endsWith('.md')).map(file => path.join('docs', file))]
}

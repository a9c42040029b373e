import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { VitalwireError } from '../../errors.js'
import type { StreamChain } from '../../signal/chain.js'
import type { TestSource } from '../test-source.js'
import { type ChainFactory, ChainSource, type ChainSourceOptions } from './chain-source.js'

/**
 * A chain from a module: its default export is called with the StreamSpec of each record's ECG and gives a StreamChain.
 * Throws `usage-option` for a module that cannot be loaded; what the stage throws later becomes `detector-failed`.
 */
export async function stageSource(file: string, options: Omit<ChainSourceOptions, 'name' | 'create' | 'files'>): Promise<TestSource> {
  const create = guard(file, await loadFactory(file))
  return new ChainSource({ ...options, name: `stage ${path.basename(file)}`, create, files: [path.resolve(file)] })
}

const accepted = 'accepted: an ECMAScript module whose default export is a function (spec) => StreamChain'

async function loadFactory(file: string): Promise<ChainFactory> {
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(path.resolve(file)).href)) as { default?: unknown }
  } catch (cause) {
    throw new VitalwireError('usage-option', `--stage ${file} cannot be loaded: ${firstLine(cause)}; ${accepted}`, { cause })
  }
  if (typeof module.default === 'function') return module.default as ChainFactory
  throw new VitalwireError('usage-option', `--stage ${file} has a default export of type ${typeof module.default}; ${accepted}`)
}

/** Tells what the stage throws with the stage's name; checks what the factory gives. */
function guard(file: string, create: ChainFactory): ChainFactory {
  const run = <T>(what: string, work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      throw new VitalwireError('detector-failed', `stage ${file}, ${what}: ${firstLine(cause)}; ${accepted}`, { cause })
    }
  }
  return spec => {
    const chain: Partial<StreamChain> | null = run('factory', () => create(spec))
    if (typeof chain?.push !== 'function' || typeof chain.flush !== 'function') {
      throw new VitalwireError('detector-failed', `stage ${file}, factory: gives no chain with push and flush; ${accepted}`)
    }
    const stage = chain as StreamChain
    return {
      name: typeof stage.name === 'string' ? stage.name : path.basename(file),
      latency: stage.latency,
      parameters: stage.parameters ?? {},
      push: (block, emit) => run(`push at sample ${block.start}`, () => stage.push(block, emit)),
      flush: emit => run('flush', () => stage.flush(emit)),
      save: () => stage.save(),
      load: state => stage.load(state),
    }
  }
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? ''
}

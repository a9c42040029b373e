import { expectTypeOf, it } from 'vitest'
import type { Engine } from '../../src/engine/engine-types.js'
import type { EnginePort } from '../../src/server/engine-port.js'

it('takes the engine as it is', () => {
  expectTypeOf<Engine>().toExtend<EnginePort>()
})

import type { Suite } from '../suite.js'
import { beatsSuite } from './beats.js'
export const classesSuite: Suite = { ...beatsSuite, name: 'classes' }

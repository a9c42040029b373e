import type { Suite } from '../suite.js'
import { beatsSuite } from './beats.js'
export const noiseSuite: Suite = { ...beatsSuite, name: 'noise' }

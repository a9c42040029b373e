import type { StageState } from '../signal/stage.js'

/**
 * A stage that keeps all that it remembers in one plain object `state` can save and load it whole: the copy is deep, and
 * loading writes into the object that is there, so its hidden class (and the speed of the loop) stays.
 */
export function copyState<State extends object>(state: State): StageState {
  return structuredClone(state)
}

export function restoreState<State extends object>(state: State, saved: StageState): void {
  Object.assign(state, structuredClone(saved))
}

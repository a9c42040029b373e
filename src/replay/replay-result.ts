export interface ReplayResult {
  readonly record: string
  readonly device: string
  /** The engine's business; a device does not know its patient. */
  readonly patient: string | null
  readonly eventHash: string | null
  readonly eventCount: number | null
  /**
   * `closed`: the engine has closed the recorded session, with its hash; `disordered`: closed without one; `kept`: the
   * engine has all that a live clock sent (such a session has no end and no hash); `unconfirmed`: everything was sent, but
   * no engine said that it has it; `stopped`: ended before all was sent.
   */
  readonly outcome: 'closed' | 'disordered' | 'kept' | 'unconfirmed' | 'stopped'
}

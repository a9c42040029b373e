export interface ReplayResult {
  readonly record: string
  readonly device: string
  /** The engine's business; a device does not know its patient. */
  readonly patient: string | null
  readonly eventHash: string | null
  readonly eventCount: number | null
  /**
   * `closed`: the engine has closed the session (with its hash, if it was recorded); `disordered`: closed without a hash;
   * `unconfirmed`: everything was sent, but no engine said that it has it; `stopped`: ended before all was sent.
   */
  readonly outcome: 'closed' | 'disordered' | 'unconfirmed' | 'stopped'
}

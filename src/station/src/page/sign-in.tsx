import { useState } from 'preact/hooks'
import { notMedicalDevice } from '../../../server/feed-protocol.js'

/** Asks for the bearer token. It is kept for this browser tab only. */
export function SignIn({ refused, onToken }: { refused: boolean; onToken: (token: string) => void }) {
  const [token, setToken] = useState('')
  return (
    <main class="sign-in">
      <h1>Vitalwire</h1>
      <p class="not-medical">{notMedicalDevice}</p>
      <form
        onSubmit={event => {
          event.preventDefault()
          onToken(token.trim())
        }}
      >
        <label>
          Access token
          <input
            type="password"
            autocomplete="current-password"
            required
            minLength={16}
            value={token}
            onInput={event => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Sign in</button>
        {refused && <p role="status">This token is not known to the engine.</p>}
      </form>
    </main>
  )
}

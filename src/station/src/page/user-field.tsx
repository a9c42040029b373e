import { useState } from 'preact/hooks'

const key = 'vitalwire-user'
/** What the server takes, less letters that no HTTP header can carry. */
const accepted = /^[A-Za-z0-9 .@_-]{1,64}$/

/** Who acknowledges, as far as this page was told; empty: nobody said. */
export function userName(): string {
  const name = localStorage.getItem(key) ?? ''
  return accepted.test(name) ? name : ''
}

/** A name for the journal and the audit trail where no token says who it is. */
export function UserField() {
  const [name, setName] = useState(userName)
  const wrong = name !== '' && !accepted.test(name)
  return (
    <label class="user">
      You are
      <input
        type="text"
        autocomplete="name"
        placeholder="name"
        maxLength={64}
        value={name}
        aria-invalid={wrong}
        onInput={event => {
          setName(event.currentTarget.value)
          localStorage.setItem(key, event.currentTarget.value)
        }}
      />
      {wrong && <span role="status">letters a to z, digits, spaces and . @ _ - only</span>}
    </label>
  )
}

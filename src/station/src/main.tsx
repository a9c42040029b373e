import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Api } from './feed/api.js'
import { App } from './page/app.js'
import { SignIn } from './page/sign-in.js'

const tokenKey = 'vitalwire-token'

/** The ward; or, where the engine asks who it is, the sign-in first. */
function Root() {
  const [token, setToken] = useState(sessionStorage.getItem(tokenKey))
  const [access, setAccess] = useState<'asking' | 'granted' | 'refused'>('asking')
  useEffect(() => {
    // An engine that does not answer is no reason to ask for a token: the ward says that it is not connected.
    new Api(token, () => '').isAuthorised().then(
      granted => setAccess(granted ? 'granted' : 'refused'),
      () => setAccess('granted'),
    )
  }, [token])
  if (access === 'asking') return <p class="asking">Connecting</p>
  if (access === 'granted') return <App token={token} onUnauthorised={() => setAccess('refused')} />
  return (
    <SignIn
      refused={token !== null}
      onToken={own => {
        sessionStorage.setItem(tokenKey, own)
        setAccess('asking')
        setToken(own)
      }}
    />
  )
}

render(<Root />, document.getElementById('station')!)

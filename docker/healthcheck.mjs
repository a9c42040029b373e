// Exit 0 when the engine answers: one that is degraded (a store behind, say) goes on monitoring and must not be restarted
// for it; what is wrong is printed. `VITALWIRE_HEALTH_URL` and the authority that signed
// its certificate (`VITALWIRE_HEALTH_CA`) can be set; the defaults are those of docker-compose.yml.
import { readFileSync } from 'node:fs'
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'

const url = process.env.VITALWIRE_HEALTH_URL ?? 'https://localhost:8443/api/v1/health'
const ca = process.env.VITALWIRE_HEALTH_CA ?? '/secrets/ca.crt'
const secure = url.startsWith('https:')
const request = (secure ? getHttps : getHttp)(url, { timeout: 4000, ...(secure ? { ca: readFileSync(ca) } : {}) }, reply => {
  let text = ''
  reply.on('data', data => {
    text += data
  })
  reply.on('end', () => {
    const { status, troubles } = reply.statusCode === 200 ? JSON.parse(text) : { status: `HTTP ${reply.statusCode}` }
    process.stdout.write(`${status}${troubles?.length > 0 ? `: ${troubles.join('; ')}` : ''}\n`)
    process.exit(status === 'ok' || status === 'degraded' ? 0 : 1)
  })
})
request.on('timeout', () => request.destroy(new Error('no answer in 4 s')))
request.on('error', error => {
  process.stdout.write(`${error.message}\n`)
  process.exit(1)
})

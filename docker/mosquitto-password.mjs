import { pbkdf2Sync, randomBytes } from 'node:crypto'

/** Iterations that mosquitto_passwd 2.0 uses. */
const iterations = 101

/**
 * A line of Mosquitto's password file: `user:$7$iterations$salt$hash`, PBKDF2 with SHA-512, salt and hash in base64. The
 * passwords made here are 192 random bits, so the low count of iterations costs nothing.
 */
export function passwordLine(user, password) {
  const salt = randomBytes(12)
  const hash = pbkdf2Sync(password, salt, iterations, 64, 'sha512')
  return `${user}:$7$${iterations}$${salt.toString('base64')}$${hash.toString('base64')}\n`
}

import type { InputReader } from './reader.js'

/** The inputs `username` and `password`. */
export interface CredentialInputs {
  readonly basic?: { readonly username: string; readonly password: string }
  /** The password in both forms in which requests carry it. */
  readonly secrets: readonly string[]
}

/** Reads `username` and `password`: both or neither. */
export function readCredentials(reader: InputReader): CredentialInputs {
  const username = reader.text('username')
  const password = reader.text('password')
  if (username !== '' && password === '')
    reader.addProblem(
      'password',
      'it is empty although `username` is given: both or neither. Is the secret available to this workflow?',
    )
  if (username === '' && password !== '')
    reader.addProblem('username', 'it is empty although `password` is given: both or neither')
  if (username.includes(':'))
    reader.addProblem(
      'username',
      'Basic authentication cannot transmit a user name with a colon; the part after the colon belongs in `password`',
    )
  if (password === '') return { secrets: [] }
  const secrets = [password, Buffer.from(`${username}:${password}`, 'utf8').toString('base64')]
  return username === '' ? { secrets } : { basic: { username, password }, secrets }
}

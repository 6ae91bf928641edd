import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import { Client } from '../../../src/registry/client.js'
import type { Dialect } from '../../../src/registry/dialects/dialect.js'
import { answering, response } from '../wire.js'

const { signal } = new AbortController()

/** @returns the requests by which a dialect removes `acme/app:debug`, in short, and the response that it returns */
export async function removal(dialect: Dialect): Promise<{ sent: unknown[]; status: number }> {
  const { send, asked } = answering(() => response(202))
  const client = new Client({
    origin: 'https://registry.example.com',
    credentialsFrom: undefined,
    send,
    heldFor: () => 0,
    stop: signal,
    kill: signal,
  })
  const { status } = await dialect.remove(client, 'acme/app' as Repository, 'debug' as Tag, {
    purpose: 'delete-tag',
    timeout: 5_000,
    fresh: true,
  })
  const sent = asked.map(({ method, url, purpose, patience, timeout, fresh }) => ({
    line: `${method} ${url.href}`,
    purpose,
    patience,
    timeout,
    fresh,
  }))
  return { sent, status }
}

/** @returns a JSON body with one error */
export function errorBody(code: string): string {
  return JSON.stringify({ errors: [{ code, message: 'said by a test' }] })
}

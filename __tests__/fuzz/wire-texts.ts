import type { Lie } from './front.js'
import type { Scenario } from './scenario.js'

const MOST = 100_000

/** Every text that a run was sent, in each form in which it may be read: as bytes, as UTF-8, out of JSON. */
export function wireTexts(lies: readonly Lie[], scenario: Scenario): string[] {
  const bodies = lies.map(({ told }) => told.body.subarray(0, MOST))
  const headers = lies.flatMap(({ told }) => told.headers.map(([, value]) => value))
  return [
    ...scenario.oddities.map(({ text }) => text),
    ...bodies.flatMap((body) => [
      body.toString('latin1'),
      body.toString('utf8'),
      ...stringsIn(body.toString('utf8')),
    ]),
    ...headers.flatMap((value) => [value, Buffer.from(value, 'latin1').toString('utf8'), decoded(value)]),
    ...stringsIn(JSON.stringify(scenario.token)),
  ]
}

function stringsIn(text: string): string[] {
  try {
    const found: string[] = []
    const walk = (value: unknown, depth: number): void => {
      if (typeof value === 'string') found.push(value)
      if (typeof value !== 'object' || value === null || depth > 20) return
      for (const [key, inner] of Object.entries(value)) {
        found.push(key)
        walk(inner, depth + 1)
      }
    }
    walk(JSON.parse(text), 0)
    return found
  } catch {
    return []
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

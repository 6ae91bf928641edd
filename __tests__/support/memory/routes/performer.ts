import { given, type Answer, type Outcome } from '../answer.js'
import type { BlobExchange, ManifestExchange } from '../exchange.js'
import type { MemoryOptions } from '../options.js'
import type { Kind } from '../twists.js'

interface Pending {
  readonly due: number
  readonly work: () => void
}

/**
 * Carries deletions out: at once, later, or not at all, as the options want it, and says about it what they say.
 * It is asked only where the registry would have obliged; a probe of what does not exist never gets here.
 */
export class Performer {
  readonly #attempts = new Map<string, number>()
  #pending: Pending[] = []

  perform(exchange: ManifestExchange | BlobExchange, kind: Kind, said: Answer, work: () => void): Outcome {
    const { options, route, request } = exchange
    const key = `${kind} ${route.repo} ${route.reference}`
    const attempt = (this.#attempts.get(key) ?? 0) + 1
    this.#attempts.set(key, attempt)
    const twist = options.onDelete?.({ kind, repo: route.repo, reference: route.reference, attempt, request })
    if (twist === undefined || twist.worked) this.#schedule(options, kind, request.time, work)
    if (twist === undefined) return said
    return typeof twist.answer === 'string' ? twist.answer : given(twist.answer)
  }

  #schedule(options: MemoryOptions, kind: Kind, now: number, work: () => void): void {
    const lag = options.deleteLag
    if (lag === undefined || !(lag.kinds?.includes(kind) ?? true)) return work()
    this.#pending.push({ due: now + lag.ms, work })
  }

  /** Does what has become due. */
  settle(now: number): void {
    const due = this.#pending.filter((pending) => pending.due <= now)
    this.#pending = this.#pending.filter((pending) => pending.due > now)
    for (const { work } of due) work()
  }
}

import type { Item } from '../../plan/item.js'
import type { Detail } from '../../plan/outcome.js'
import { outcomeOf } from '../../registry/attempt.js'
import { rightFor } from '../../registry/auth/rights.js'
import { isDenied, WireError } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import { pauseBetween, requestedPause, TRIES, waitForHold } from '../pauses.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { checkStale, find, type Presence } from './find.js'
import { judge, type Removal } from './removal.js'
import { attemptDelete } from './send.js'
import { Steps } from './steps.js'

/**
 * Removes one item.
 *
 * If the outcome of a DELETE is unknown (reset, time-out, 5xx), the item is checked before the DELETE is sent again. So is
 * an item whose DELETE was delayed, since somebody may have pushed a tag meanwhile (safety rule 12). Every pause comes
 * before the check, and the DELETE follows right after it. If the registry requests a pause, the DELETE changed nothing, so
 * it is sent again after the pause, until the run ends.
 *
 * If a registry deletes in steps, each step is a DELETE of its own, with the same checks before it.
 *
 * @throws Stopped when no request is in flight any more
 */
export function remove(purge: RepositoryPurge, item: Item): Promise<Removal> {
  return new Attempts(purge, item).run()
}

/** What to do after a check: send the DELETE, check again, or end. */
type Next = { readonly is: 'send' | 'check-again' } | { readonly is: 'end'; readonly removal: Removal }

/** The attempts to remove one item. */
class Attempts {
  readonly #purge: RepositoryPurge
  readonly #item: Item
  readonly #steps: Steps
  #tried = 1
  /** How often the registry requested a pause. */
  #pauses = 0
  /** The response to the last DELETE, if it does not show whether the DELETE worked. */
  #unclear: string | undefined
  /** The item existed before its DELETE. Only then does a 404 after the DELETE show that this run deleted it. */
  #seen: boolean

  constructor(purge: RepositoryPurge, item: Item) {
    this.#purge = purge
    this.#item = item
    this.#steps = new Steps(purge, item)
    this.#seen = item.kind === 'tag' || purge.facts.manifests.has(item.name)
  }

  async run(): Promise<Removal> {
    for (;;) {
      await waitForHold(this.#purge)
      const next = await this.#check()
      if (next.is === 'end') return next.removal
      if (next.is === 'check-again') continue
      const because = this.#purge.forbids(this.#item)
      if (because !== undefined) return { is: 'kept', because }
      const removal = await this.#send()
      if (removal !== undefined) return removal
    }
  }

  #check(): Promise<Next> | Next {
    const { freshness } = this.#purge
    if (this.#unclear !== undefined || freshness.hasWaited) return this.#findAgain()
    return freshness.isStale(this.#item) ? this.#checkStale() : { is: 'send' }
  }

  /** Checks whether the item exists and may still be deleted, before a DELETE is sent again. */
  async #findAgain(): Promise<Next> {
    let found = await find(this.#purge, this.#item)
    while (found.is === 'unclear' && ++this.#tried <= TRIES) {
      await this.#sleep(pauseBetween(this.#tried))
      found = await find(this.#purge, this.#item)
    }
    const removal = this.#judgeFound(found)
    if (removal !== undefined) return { is: 'end', removal }
    this.#seen = true
    if (this.#unclear !== undefined && this.#tried > TRIES)
      return { is: 'end', removal: { is: 'failed', detail: answered(this.#unclear) } }
    return { is: 'send' }
  }

  /** @returns undefined if the item exists and may be deleted */
  #judgeFound(found: Presence): Removal | undefined {
    const response = this.#unclear
    switch (found.is) {
      case 'there':
        return undefined
      case 'kept':
        return found
      case 'foreign': {
        const detail: Detail = { is: 'foreign-404', ...(response !== undefined && { answered: response }) }
        return { is: 'unknown', detail }
      }
      case 'unclear':
        return { is: 'unknown', detail: response === undefined ? { is: 'unchecked' } : answered(response) }
      case 'gone':
        if (response === undefined) return { is: this.#steps.begun ? 'deleted' : 'already-gone' }
        return {
          is: this.#seen ? 'deleted' : 'already-gone',
          detail: { is: 'found-gone', answered: response, seen: this.#seen },
        }
    }
  }

  async #checkStale(): Promise<Next> {
    const found = await checkStale(this.#purge, this.#item)
    if (found.is === 'kept') return { is: 'end', removal: found }
    if (found.is === 'gone') return { is: 'end', removal: { is: 'already-gone' } }
    if (found.is !== 'unclear') return { is: 'send' }
    if (++this.#tried > TRIES) return { is: 'end', removal: { is: 'failed', detail: { is: 'unchecked' } } }
    await this.#sleep(pauseBetween(this.#tried))
    return { is: 'check-again' }
  }

  /** Sends the DELETE. @returns undefined if the response is not conclusive */
  async #send(): Promise<Removal | undefined> {
    const { freshness, plan, tools, touched } = this.#purge
    tools.journal.about(plan.repository, this.#item)
    if (this.#item.kind !== 'tag') touched.add(this.#item.name)
    const response = await attemptDelete(this.#purge, this.#item, {
      fresh: false,
      step: this.#steps.query,
    })
    const pause = requestedPause(this.#purge, response, this.#pauses)
    if (pause !== undefined) {
      this.#pauses++
      await this.#sleep(pause)
      freshness.pauseEnded()
      return undefined
    }
    if (!(response instanceof WireError)) {
      const step = this.#steps.after(response)
      if (step !== undefined) return step.is === 'stuck' ? { is: 'failed', detail: step.detail } : undefined
      const removal = this.#judge(response)
      if (removal !== undefined) return removal
    }
    this.#purge.mayHaveWritten()
    this.#unclear = outcomeOf(response)
    await this.#sleep(pauseBetween(this.#tried++))
    freshness.outdate()
    return undefined
  }

  #judge(response: Response): Removal | undefined {
    const removal = judge(response, this.#item)
    if (isDenied(response)) this.#purge.missingRight = rightFor(response, 'delete')
    // An earlier step of the DELETE may have deleted the item itself.
    if (removal?.is === 'already-gone' && this.#steps.begun) return { ...removal, is: 'deleted' }
    if (removal !== undefined) this.#noteReplicas(removal)
    return removal
  }

  /** Notes that replicas differ: the item could be read after its tag was deleted, but was gone before its own DELETE. */
  #noteReplicas({ is }: Removal): void {
    if (is === 'already-gone' && this.#item.kind !== 'tag' && this.#purge.confirmed.has(this.#item.name))
      this.#purge.differed = true
  }

  #sleep(ms: number): Promise<void> {
    const { client, clock } = this.#purge.tools
    return clock.sleep(ms, client.stop)
  }
}

function answered(text: string): Detail {
  return { is: 'answered', answered: text }
}

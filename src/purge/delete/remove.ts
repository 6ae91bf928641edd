import type { Item } from '../../plan/item.js'
import type { Detail } from '../../plan/outcome.js'
import { outcomeOf } from '../../registry/attempt.js'
import { WireError } from '../../registry/errors.js'
import { pauseBetween, requestedPause, TRIES, waitForHold } from '../pauses.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { checkStale, find, type Presence } from './find.js'
import { judge, type Removal } from './removal.js'
import { attemptDelete } from './send.js'

/**
 * Removes one item.
 *
 * A DELETE whose outcome is unknown (reset, time-out, 5xx) is checked before it is sent again, and so is one that had to
 * wait, since a tag may have been pushed meanwhile (safety rule 12). Every pause comes before the check, and the DELETE
 * right after it. A registry that asks for a pause has changed nothing, so it is asked again as long as the run may last.
 *
 * @throws Stopped once nothing is in flight any more
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
  #tried = 1
  /** How often the registry asked for a pause. */
  #pauses = 0
  /** The response to an earlier DELETE that does not say whether it worked. */
  #unsettled: string | undefined
  /** It was there before its DELETE. Only then does a 404 after the DELETE show that it was deleted. */
  #seen: boolean

  constructor(purge: RepositoryPurge, item: Item) {
    this.#purge = purge
    this.#item = item
    this.#seen = item.kind === 'tag' || purge.facts.manifests.has(item.name)
  }

  async run(): Promise<Removal> {
    for (;;) {
      await waitForHold(this.#purge)
      const next = await this.#check()
      if (next.is === 'end') return next.removal
      if (next.is === 'check-again') continue
      const because = this.#purge.freshness.forbids(this.#item)
      if (because !== undefined) return { is: 'kept', because }
      const removal = await this.#send()
      if (removal !== undefined) return removal
    }
  }

  #check(): Promise<Next> | Next {
    const { freshness } = this.#purge
    if (this.#unsettled !== undefined || freshness.hasWaited) return this.#findAgain()
    return freshness.isStale(this.#item) ? this.#checkStale() : { is: 'send' }
  }

  /** Nothing is sent again before it is known whether the item is there and may still be deleted. */
  async #findAgain(): Promise<Next> {
    let found = await find(this.#purge, this.#item)
    while (found.is === 'unclear' && ++this.#tried <= TRIES) {
      await this.#sleep(pauseBetween(this.#tried))
      found = await find(this.#purge, this.#item)
    }
    const removal = this.#judgeFound(found)
    if (removal !== undefined) return { is: 'end', removal }
    this.#seen = true
    if (this.#unsettled !== undefined && this.#tried > TRIES)
      return { is: 'end', removal: { is: 'failed', detail: answered(this.#unsettled) } }
    return { is: 'send' }
  }

  /** @returns undefined if the item is there and may be deleted */
  #judgeFound(found: Presence): Removal | undefined {
    const response = this.#unsettled
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
        if (response === undefined) return { is: 'already-gone' }
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

  /** Sends the DELETE. @returns undefined if the response settles nothing */
  async #send(): Promise<Removal | undefined> {
    const { freshness, plan, tools, touched } = this.#purge
    tools.journal.about(plan.repository, this.#item)
    if (this.#item.kind !== 'tag') touched.add(this.#item.name)
    const answer = await attemptDelete(this.#purge, this.#item, false)
    const pause = requestedPause(this.#purge, answer, this.#pauses)
    if (pause !== undefined) {
      this.#pauses++
      await this.#sleep(pause)
      freshness.pauseEnded()
      return undefined
    }
    const removal = answer instanceof WireError ? undefined : judge(answer, this.#item)
    if (removal !== undefined) {
      this.#noteReplicas(removal)
      return removal
    }
    this.#purge.mayHaveWritten()
    this.#unsettled = outcomeOf(answer)
    await this.#sleep(pauseBetween(this.#tried++))
    freshness.outdate()
    return undefined
  }

  /** What could be read after its tag was deleted, and is gone already at its own DELETE, shows replicas that differ. */
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

import type { Tag } from '../../oci/tag.js'
import type { Done } from '../../plan/outcome.js'
import type { PlannedTag } from '../../plan/plan.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { emptyImage, emptyIndex, type Dummy } from './dummy.js'
import { deleteParts, uploadParts } from './parts.js'
import { putOn, type Put, type Replaced } from './put.js'
import { recordPut, recordUnknown } from './record.js'
import { takeAway } from './take-away.js'
import { intendPlaceholder } from './trace.js'

/**
 * Removes labels if the registry cannot delete a tag by name (2.x). Pushes a manifest without content under each label,
 * and deletes that manifest by digest. This also deletes the tags that point to it, and nothing else.
 *
 * Reads each tag right before its PUT, and replaces only a label that still points to the expected manifest. Deletes the
 * placeholder whatever the responses to the PUTs are. If that fails, makes every tag that still points to the placeholder
 * point to its manifest again.
 *
 * @param labels that resolve
 * @throws Stopped, after it has finished the labels in progress, as far as time allows
 */
export async function placeholder(
  purge: RepositoryPurge,
  labels: readonly PlannedTag[],
): Promise<PurgeProblem[]> {
  const replacement = new Replacement(purge, labels)
  try {
    await replacement.putOnAll()
    await replacement.end()
  } catch (error) {
    replacement.recordOpen()
    throw error
  }
  purge.tools.client.throwIfStopped()
  return replacement.problems
}

/** The removal of labels in progress: a placeholder replaces each, and its DELETE deletes them. */
class Replacement {
  readonly problems: PurgeProblem[] = []
  readonly #purge: RepositoryPurge
  readonly #labels: readonly PlannedTag[]
  /** Tags that point to the placeholder, or may do so. */
  readonly #sent: Replaced[] = []
  /** The records of the tags from before. */
  readonly #earlier: ReadonlyMap<Tag, Done | undefined>
  #dummy: Dummy

  constructor(purge: RepositoryPurge, labels: readonly PlannedTag[]) {
    this.#purge = purge
    this.#labels = labels
    this.#earlier = new Map(labels.map(({ tag }) => [tag, purge.done.get(tag)]))
    this.#dummy = emptyIndex(purge.tools.random)
    this.#intend()
    purge.tools.journal.note(
      `This registry cannot delete a tag by name: the tag is made to point to a placeholder (${this.#dummy.digest}), which is then deleted by its digest`,
    )
  }

  /** Makes each label point to the placeholder. */
  async putOnAll(): Promise<void> {
    const { client } = this.#purge.tools
    for (const label of this.#labels) {
      if (client.stop.aborted || this.#purge.denied) return
      let put = await putOn(this.#purge, label, this.#dummy, this.#sent)
      if (put.is === 'invalid' && this.#dummy.blobs.length === 0 && this.#sent.length === 0) {
        const failed = await this.#useImage(put.answered)
        if (client.stop.aborted) return
        put = failed ?? (await putOn(this.#purge, label, this.#dummy, this.#sent))
      }
      if (put.is !== 'sent') this.problems.push(...recordPut(this.#purge, label.tag, put))
    }
  }

  /** Deletes the placeholder, and the blobs that were uploaded for it. */
  async end(): Promise<void> {
    const end =
      this.#sent.length > 0
        ? takeAway(this.#purge, this.#sent, this.#dummy)
        : deleteParts(this.#purge, this.#dummy)
    this.problems.push(...(await end))
  }

  /** Records that tags may point to the placeholder, unless their outcome was recorded since. */
  recordOpen(): void {
    for (const replaced of this.#sent)
      if (this.#purge.done.get(replaced.tag) === this.#earlier.get(replaced.tag))
        recordUnknown(this.#purge, replaced, this.#dummy)
  }

  /** Uses an image as placeholder, since the registry refuses an empty index. @returns why that failed, or undefined */
  async #useImage(answered: string): Promise<Put | undefined> {
    const { journal, random } = this.#purge.tools
    this.#dummy = emptyImage(random)
    journal.note(
      `The registry refuses an empty index (${answered}), so an image without content is used: ${this.#dummy.digest}`,
    )
    this.#intend()
    return uploadParts(this.#purge, this.#dummy)
  }

  #intend(): void {
    this.#purge.placeholders.add(this.#dummy.digest)
    intendPlaceholder(this.#purge, this.#labels, this.#dummy)
  }
}

import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { Reconsidered } from '../plan/reconsider.js'
import type { Round } from '../proof/round.js'
import type { Execution } from '../purge/execution.js'
import type { heal, Present } from '../purge/heal.js'
import type { Work } from '../purge/work.js'
import type { Narrator } from '../report/narrate.js'
import type { Facts } from '../survey/facts.js'

/** What is watched, and what was given up since it will not go. */
export class Watch {
  readonly all: readonly Item[]
  readonly problems: string[] = []
  /** What tags came to need, with those tags. */
  readonly left = new Map<Digest, readonly Tag[]>()
  readonly #work: Work
  readonly #unread: ReadonlySet<Digest>
  readonly #givenUp = new Set<Item['name']>()
  readonly #newcomers = new Set<Digest>()

  constructor(work: Work, execution: Execution) {
    this.#work = work
    const { tags, manifests, blobs } = work.plan
    this.#unread = new Set(manifests.flatMap(({ digest, gone }) => (gone ? [digest] : [])))
    const content = (kind: 'manifest' | 'blob', digests: Iterable<Digest>): Item[] =>
      [...digests].map((name) => ({ kind, name }))
    this.all = [
      ...tags.map(({ tag }): Item => ({ kind: 'tag', name: tag })),
      ...content(
        'manifest',
        manifests.map(({ digest }) => digest),
      ),
      ...content(
        'blob',
        blobs.map(({ digest }) => digest),
      ),
    ]
    for (const [digest, holders] of execution.left) this.#leave(digest, holders)
    for (const item of this.all) {
      if (this.#givenUp.has(item.name)) continue
      const done = work.done.get(item.name)
      if (done === undefined || done.outcome === 'kept') this.#giveUp(item.name)
    }
    for (const { tag, root } of tags)
      if (work.done.get(tag)?.outcome === 'with-manifest' && this.#givenUp.has(root)) this.#giveUp(tag)
  }

  get items(): Item[] {
    return this.all.filter(({ name }) => !this.#givenUp.has(name))
  }

  /** Nothing was given up, and nothing came that belongs to what went. */
  get complete(): boolean {
    return this.#givenUp.size === 0 && this.#newcomers.size === 0
  }

  /** What a round found that can be deleted again. */
  stillThere({ findings }: Round): Present[] {
    return this.items.flatMap((item): Present[] => {
      const finding = findings.get(item.name)
      if (finding?.is !== 'present') return []
      if (item.kind === 'manifest' && this.#unread.has(item.name) && finding.endpoint === 'manifests') {
        this.#giveUp(item.name)
        this.problems.push(
          `${this.#work.plan.repository}@${item.name} was unknown to the registry when the plan was made and answers now, so what belongs to it is not known. Run again with this digest in \`image\``,
        )
        return []
      }
      return [{ item, endpoint: finding.endpoint }]
    })
  }

  /** Takes in what a burst left alone. */
  take({ left, movedTags, unsure, problems }: Awaited<ReturnType<typeof heal>>, narrator: Narrator): void {
    this.problems.push(...problems)
    for (const [digest, holders] of left) if (!this.#givenUp.has(digest)) this.#leave(digest, holders)
    for (const [tag, digest] of movedTags) {
      if (this.#givenUp.has(tag)) continue
      this.#giveUp(tag)
      this.problems.push(
        `${this.#work.plan.repository}:${tag} points at ${digest} now: somebody pushed it again during this run, so it was left`,
      )
    }
    for (const why of unsure) narrator.note(`nothing was deleted again, since ${why}`)
  }

  /**
   * Takes in what came to need something, or to belong to it, when what stays was read. Named tags that resolve are left
   * to the rounds, which delete them again unless they are somebody's new push.
   *
   * @returns what is not gone after all
   */
  takeNeeded({ left, newcomers }: Reconsidered): Item['name'][] {
    const { repository } = this.#work.plan
    for (const [digest, holders] of left) if (!this.#givenUp.has(digest)) this.#leave(digest, holders)
    for (const { tag, digest, subject } of newcomers) {
      if (this.#newcomers.has(digest)) continue
      this.#newcomers.add(digest)
      const name = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}@${digest}`
      this.problems.push(
        `${name} belongs to ${subject}, which was purged, and came during this run, so it was left. Name it in \`image\` and run again`,
      )
    }
    return [...left.keys()]
  }

  /** @returns named tags that still point at a placeholder of this run, a sentence each */
  onPlaceholders({ tags }: Facts): string[] {
    const { plan, placeholders } = this.#work
    return plan.tags.flatMap(({ tag }) => {
      const state = tags.get(tag)
      if (state?.is !== 'resolved' || !placeholders.has(state.digest) || this.#givenUp.has(tag)) return []
      return [
        `${plan.repository}:${tag} still points at the placeholder ${state.digest}, which holds nothing. Run again to remove the label`,
      ]
    })
  }

  #leave(digest: Digest, holders: readonly Tag[]): void {
    this.#giveUp(digest)
    this.left.set(digest, holders)
    const gone = this.#work.done.get(digest)?.outcome === 'deleted'
    if (gone)
      this.problems.push(
        `${this.#work.plan.repository}@${digest} was deleted before ${holders.join(', ')} came to need it: push that image again`,
      )
    else this.#served(digest, holders)
  }

  #served(digest: Digest, holders: readonly Tag[]): void {
    this.problems.push(
      `${this.#work.plan.repository}@${digest} was left, since ${holders.join(', ')} came to need it during this run: it is still served. Name ${holders.length === 1 ? 'that tag' : 'those tags'} in \`image\` too, and run again`,
    )
  }

  #giveUp(name: Item['name']): void {
    this.#givenUp.add(name)
  }
}

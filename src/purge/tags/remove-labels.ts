import type { PlannedTag } from '../../plan/plan.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { attempt } from '../../registry/attempt.js'
import { STANDARD } from '../../registry/dialects/dialects.js'
import { isGone, WireError } from '../../registry/errors.js'
import { counted } from '../../registry/progress.js'
import { FRESH_READ } from '../../registry/reading.js'
import { recordRemoval } from '../delete/record-removal.js'
import { remove } from '../delete/remove.js'
import { placeholder } from '../placeholder/placeholder.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { refusesEveryTag } from './every-tag.js'
import { Retention } from './retention.js'

/** How often to request a manifest before it counts as gone: a stale replica alone must not count. */
const READS = 2

/**
 * Removes labels in the way that the survey found: the tag endpoint, GitLab's own endpoint, or a placeholder. If the
 * registry does not support it for a real tag, uses the next way.
 *
 * Some registries delete a manifest when its last tag is deleted or points to a placeholder. Distribution 2.x does not. So
 * a label is removed only when its manifest is certain to be kept (see Retention).
 *
 * @param labels that resolve
 * @throws Stopped
 */
export async function removeLabels(
  purge: RepositoryPurge,
  labels: readonly PlannedTag[],
  retention = new Retention(purge),
): Promise<PurgeProblem[]> {
  if (purge.plan.way === 'placeholder') return replaceLabels(purge, labels, retention)
  const removing = new LabelRemoval(purge, retention)
  await removing.removeAll(labels)
  return [...removing.problems, ...(await takeNextWay(purge, removing.unsupported, retention))]
}

/** Removes labels with a placeholder. */
async function replaceLabels(
  purge: RepositoryPurge,
  labels: readonly PlannedTag[],
  retention: Retention,
): Promise<PurgeProblem[]> {
  if (purge.tools.capabilities.keepsUntagged(purge.plan.repository)) return placeholder(purge, labels)
  const problems: PurgeProblem[] = []
  const free: PlannedTag[] = []
  for (const label of labels) {
    const retained = await retention.keep(label)
    if (retained.is === 'free') free.push(label)
    else problems.push(...recordRemoval(purge, { kind: 'tag', name: label.tag }, retained))
  }
  return free.length === 0 ? problems : [...problems, ...(await placeholder(purge, free))]
}

/** A label that the registry cannot delete by name. */
interface Unsupported {
  readonly label: PlannedTag
  readonly answered: string
}

/** Removes labels by name. */
class LabelRemoval {
  readonly problems: PurgeProblem[] = []
  /** Labels to remove in another way. */
  readonly unsupported: Unsupported[] = []
  readonly #purge: RepositoryPurge
  readonly #retention: Retention
  /** The problem if the registry deleted a manifest, which must be kept, together with its label. */
  #harm: PurgeProblem | undefined

  constructor(purge: RepositoryPurge, retention: Retention) {
    this.#purge = purge
    this.#retention = retention
  }

  async removeAll(labels: readonly PlannedTag[]): Promise<void> {
    const { progress, width } = this.#purge.tools
    const rest = await this.#removeFirst(mostTelling(labels, this.#retention))
    await counted(progress, 'labels removed', rest, width, (label) => this.#remove(label))
    if (this.#harm === undefined) return
    for (const { tag } of rest)
      this.#purge.record({ item: { kind: 'tag', name: tag }, outcome: 'kept', detail: { is: 'not-tried' } })
    this.problems.push(this.#harm)
  }

  /**
   * Removes labels one at a time until the registry has shown whether it deletes a manifest, and all other tags on it,
   * together with a label.
   *
   * @returns the remaining labels
   */
  async #removeFirst(labels: readonly PlannedTag[]): Promise<PlannedTag[]> {
    const rest = [...labels]
    for (let label = rest.shift(); label !== undefined; label = rest.shift()) {
      await this.#remove(label)
      if (this.#purge.denied || this.unsupported.length > 0) break
      const { tag, digest } = label
      if (this.#purge.done.get(tag)?.outcome === 'kept') continue
      if (rest.length > 0) this.#harm = await harmOf(this.#purge, label, this.#retention)
      if (this.#harm !== undefined || rest.every((other) => other.digest !== digest)) break
    }
    return rest
  }

  async #remove(label: PlannedTag): Promise<void> {
    if (this.#purge.denied || this.#harm !== undefined) return
    const item = { kind: 'tag', name: label.tag } as const
    const retained = await this.#retention.keep(label)
    const removal = retained.is === 'free' ? await remove(this.#purge, item) : retained
    const isUnsupported =
      removal.is === 'unsupported' ||
      (removal.is === 'refused' &&
        removal.code === 'UNSUPPORTED' &&
        (await refusesEveryTag(this.#purge, removal)))
    if (isUnsupported) {
      this.unsupported.push({ label, answered: removal.answered })
      return
    }
    if (removal.is === 'refused') this.#purge.refused.add(item, this.#purge.plan, this.#purge.facts)
    this.problems.push(...recordRemoval(this.#purge, item, removal))
  }
}

/** Removes in another way the labels that the registry cannot delete by name. */
async function takeNextWay(
  purge: RepositoryPurge,
  unsupported: readonly Unsupported[],
  retention: Retention,
): Promise<PurgeProblem[]> {
  const [first] = unsupported
  if (first === undefined) return []
  const { capabilities, journal } = purge.tools
  const { repository, way } = purge.plan
  const next = way === STANDARD.name ? await attempt(capabilities.untaggingWithout(repository)) : undefined
  if (next === undefined || next instanceof WireError || next.is === 'impossible')
    return unsupported.flatMap(({ label, answered }) =>
      recordRemoval(purge, { kind: 'tag', name: label.tag }, { is: 'unsupported', answered }),
    )
  journal.note(
    `This registry cannot delete such a tag by name (${first.answered}), so it is removed in another way`,
  )
  purge.plan = { ...purge.plan, way: next.way }
  const labels = unsupported.map(({ label }) => label)
  return removeLabels(purge, labels, retention)
}

/** Sorts labels: those that lose the last tag first, then small groups, and labels of the same manifest in a row. */
function mostTelling(labels: readonly PlannedTag[], retention: Retention): PlannedTag[] {
  const groups = [...Map.groupBy(labels, ({ digest }) => digest)].map(([digest, group]) => ({
    group,
    keepsATag: digest !== undefined && !retention.losesLastTag(digest),
  }))
  groups.sort(
    (one, other) => Number(one.keepsATag) - Number(other.keepsATag) || one.group.length - other.group.length,
  )
  return groups.flatMap(({ group }) => group)
}

/** @returns the problem if the manifest of a removed label is gone, although it must be kept */
async function harmOf(
  purge: RepositoryPurge,
  { tag, digest }: PlannedTag,
  retention: Retention,
): Promise<PurgeProblem | undefined> {
  if (digest === undefined || purge.done.get(tag)?.outcome !== 'deleted') return undefined
  const { client } = purge.tools
  const { repository } = purge.plan
  for (let reads = 0; reads < READS; reads++) {
    const response = await attempt(client.manifest(repository, digest, FRESH_READ))
    if (response instanceof WireError || !isGone(response)) return undefined
  }
  const pushAnswered = retention.refusal(digest)
  return {
    kind: 'label-took-manifest',
    repository,
    item: { kind: 'tag', name: tag },
    digest,
    ...(pushAnswered !== undefined && { pushAnswered }),
  }
}

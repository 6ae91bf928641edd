import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { PlannedContent, PlannedTag } from '../plan/plan.js'
import type { Problem } from '../plan/problem.js'
import type { PurgeProblem } from '../plan/problems/purge.js'
import { counted } from '../registry/progress.js'
import { checked } from './checked.js'
import { deleteMirrored } from './delete/mirrored.js'
import type { Execution } from './execution.js'
import { checkFirst, type Known } from './first-check.js'
import type { RepositoryPurge } from './repository-purge.js'
import { Stage } from './stage.js'
import { contentInPlace } from './delete/in-place.js'
import { tagsInPlace } from './tags/in-place.js'
import { intendTags } from './tags/intend.js'
import { executeLabels } from './tags/labels.js'
import { removeLabels } from './tags/remove-labels.js'
import { isServed } from './tags/served.js'
import { recordUnresolved } from './tags/unresolved.js'
import { untag } from './tags/untag.js'

const NOTES = {
  served: 'is still there by digest: a tag is only a label, so the manifest and its blobs are deleted next',
  gone: 'can no longer be read by digest: this registry deletes it with its tag',
}

/** Content that is kept, with the tags that need it now. Each check can add some. */
type Left = Map<Digest, readonly Tag[]>

/**
 * Carries out a plan. Deletes the tags, then the manifests from the roots down, then the blobs. Checks the tags before the
 * first write and again before the blobs (safety rule 6).
 *
 * @throws Stopped; `purge` holds what was done
 */
export async function execute(purge: RepositoryPurge, known: Known): Promise<Execution> {
  const first = await checkFirst(purge, known)
  if (first.refused.length > 0) return refusal(first.refused)
  if (purge.plan.manifests.length + purge.plan.blobs.length === 0) return executeLabels(purge)

  const left: Left = new Map(first.left)
  const problems = await untagAndConfirm(purge)
  if (await isRefused(purge, problems)) return refusal(problems)
  const manifests = await removeManifests(purge, left)
  problems.push(...manifests.problems)
  if (manifests.is === 'done') {
    problems.push(...(await removeBlobs(purge, left)))
    for (const [digest, tags] of left) recordLeft(purge, digest, tags)
  }
  return (await isRefused(purge, problems)) ? refusal(problems) : { refused: [], problems, left }
}

/** Whether the registry refused every DELETE. What is gone all the same shows that something was written. */
async function isRefused(purge: RepositoryPurge, problems: readonly PurgeProblem[]): Promise<boolean> {
  if (purge.wrote || problems.length === 0) return false
  if ((await tagsInPlace(purge)) && (await contentInPlace(purge))) return true
  purge.mayHaveWritten()
  return false
}

function refusal(refused: readonly Problem[]): Execution {
  return { refused, problems: [], left: new Map() }
}

/** Deletes the tags, and notes by a GET of each digest whether its manifest is still served. */
async function untagAndConfirm(purge: RepositoryPurge): Promise<PurgeProblem[]> {
  const { width, progress } = purge.tools
  const { tags } = purge.plan
  recordUnresolved(purge)
  const isLabel = ({ onlyLabel }: PlannedTag): boolean => onlyLabel !== undefined
  const labels = tags.filter((each) => isLabel(each) && each.digest !== undefined)
  const deleted = tags.filter((each) => !isLabel(each))
  const roots = [...new Set(deleted.flatMap(({ digest }) => digest ?? []))]
  if (roots.length + labels.length === 0) return []
  const stage = new Stage(purge, 'Delete tag')
  stage.open()
  intendTags(purge, [...deleted, ...labels])
  const problems = await untag(purge, deleted)
  if (labels.length > 0) problems.push(...(await removeLabels(purge, labels)))
  await counted(progress, 'digests checked', roots, width, async (digest) => {
    if (await isServed(purge, digest, NOTES)) purge.confirmed.add(digest)
  })
  stage.close()
  return problems
}

/** `stopped`: the blobs must not be deleted, because of the check after the manifests. */
interface Manifests {
  readonly is: 'done' | 'stopped'
  readonly problems: readonly PurgeProblem[]
}

/** Deletes the manifests, checks every tag, and deletes the manifests that no tag needs any more. */
async function removeManifests(purge: RepositoryPurge, left: Left): Promise<Manifests> {
  const stage = new Stage(purge, 'Delete manifest')
  const { repository, manifests } = purge.plan
  for (const { digest } of manifests.filter(({ gone }) => gone))
    purge.record({ item: { kind: 'manifest', name: digest }, outcome: 'already-gone' })
  const present = withoutLeft(
    manifests.filter(({ gone }) => !gone),
    left,
  )
  const problems = await stage.removeAll('manifest', present)
  keepTagsOfRefused(purge)

  const check = await checked(purge.freshness.checkAgain('all'))
  const reasons =
    check.is === 'unchecked' ? [check] : check.seen.unsure.map((doubt) => ({ is: 'unsure', doubt }) as const)
  if (check.is === 'unchecked' || reasons.length > 0) {
    stage.close()
    problems.push(...reasons.map((because) => ({ kind: 'blobs-kept', repository, because }) as const))
    return { is: 'stopped', problems }
  }
  for (const [digest, tags] of check.seen.left) left.set(digest, tags)
  const { released } = check.seen
  purge.release(released)
  intendTags(purge, released.tags)
  problems.push(...(await untag(purge, released.tags)))
  problems.push(...(await stage.removeAll('manifest', released.manifests)))
  const deleted = withoutLeft(purge.plan.manifests, left)
  await deleteMirrored(
    purge,
    deleted.map(({ digest }) => digest),
  )
  stage.close()
  return { is: 'done', problems }
}

/** Records that tags are kept which were to go with a manifest that the registry refuses to delete. */
function keepTagsOfRefused(purge: RepositoryPurge): void {
  for (const { tag, root } of purge.plan.tags) {
    if (purge.done.get(tag)?.outcome !== 'with-manifest' || !purge.refused.has(root)) continue
    const because = { is: 'above-refused', above: { kind: 'manifest', name: root } } as const
    purge.record({ item: { kind: 'tag', name: tag }, outcome: 'kept', detail: { is: 'kept', because } })
  }
}

async function removeBlobs(purge: RepositoryPurge, left: Left): Promise<PurgeProblem[]> {
  const stage = new Stage(purge, 'Delete blobs')
  const problems = await stage.removeAll('blob', withoutLeft(purge.plan.blobs, left))
  stage.close()
  return problems
}

function withoutLeft(contents: readonly PlannedContent[], left: Left): PlannedContent[] {
  return contents.filter(({ digest }) => !left.has(digest))
}

/** Records that an item is kept because tags need it. If it was deleted before, it keeps that outcome. */
function recordLeft(purge: RepositoryPurge, digest: Digest, by: readonly Tag[]): void {
  const kind = purge.plan.blobs.some((blob) => blob.digest === digest) ? 'blob' : 'manifest'
  const before = purge.done.get(digest)?.outcome
  purge.record({
    item: { kind, name: digest },
    outcome: before ?? 'kept',
    detail: { is: 'kept', because: { is: 'needed', by }, ...(before !== undefined && { after: before }) },
  })
}

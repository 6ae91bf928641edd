import type { Digest } from '../../oci/digest.js'
import type { RepositoryPlan } from '../../plan/plan.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import type { RemainingTag } from '../../plan/standing.js'
import { counted } from '../../registry/progress.js'
import type { Facts } from '../../survey/facts.js'
import type { Tools } from '../../survey/tools.js'
import { checkBlob, checkManifest, type Content } from './content.js'
import { judgeTags, lackingOf, type Evidence } from './judge.js'
import { requiredBy, type Required } from './needs.js'

/** The check at the end of everything that was to stay. */
export interface RemainingCheck {
  readonly remaining: readonly RemainingTag[]
  /** Why this is no proof that what should have stayed is whole. Empty if it is one. */
  readonly problems: readonly ProofProblem[]
  readonly warnings: readonly ProofProblem[]
}

/** What the purge of one repository did, as far as it concerns what stays. */
export interface Purge {
  readonly plan: RepositoryPlan
  /** Every tag as it is now, read after the last DELETE. */
  readonly facts: Facts
  /** Every digest that a DELETE of this run named. */
  readonly touched: ReadonlySet<Digest>
  /** Manifests of this run that hold nothing. */
  readonly placeholders: ReadonlySet<Digest>
  /** Every digest of the purged images, in whatever repository: never requested with HEAD. */
  readonly sensitive: ReadonlySet<Digest>
}

/**
 * Checks every remaining tag down to its last blob. Manifests are fetched and hashed. Blobs of the purged image, and
 * those of tags that `protected-tags` names plainly, are fetched by plain GET. The others, which no write of this run
 * names, are checked by HEAD (safety rule 8). A cached descriptor answers HEAD for bytes that are gone, so for the plainly
 * named tags the first bytes of each blob must arrive.
 *
 * What is missing and was named by no DELETE of this run was broken before, so remaining blobs need no reading before.
 *
 * @throws Stopped
 */
export async function checkRemaining(tools: Tools, purge: Purge): Promise<RemainingCheck> {
  const { plan, facts, touched, placeholders } = purge
  const required = requiredBy(plan, facts, purge.sensitive)
  const contents = await contentsOf(tools, plan, required)
  const remaining = judgeTags({ plan, facts, touched, placeholders, needs: required.needs, contents })
  const problems: ProofProblem[] = general(plan, required, contents)
  const warnings: ProofProblem[] = []
  for (const each of remaining) {
    const { tag, verdict, flaw } = each
    if (flaw === undefined) continue
    const about = { repository: plan.repository, tag, flaw }
    if (verdict === 'broken' || verdict === 'removed') problems.push({ kind: 'remaining-harmed', ...about })
    else if (verdict === 'broken-before' && each.protected)
      problems.push({ kind: 'protected-broken-before', ...about })
    else warnings.push({ kind: 'remaining-changed', ...about })
  }
  return { remaining, problems, warnings }
}

async function contentsOf(
  { client, width, progress }: Tools,
  { repository }: RepositoryPlan,
  { manifests, blobs }: Required,
): Promise<Evidence['contents']> {
  const contents = new Map<Digest, Content>()
  await counted(progress, 'manifests checked', [...manifests], width, async (digest) => {
    contents.set(digest, await checkManifest(client, repository, digest))
  })
  await counted(progress, 'blobs checked', [...blobs], width, async ([digest, check]) => {
    contents.set(digest, await checkBlob(client, repository, check))
  })
  return contents
}

/** Problems that belong to no remaining tag. */
function general(
  { repository }: RepositoryPlan,
  { needs, labelled, blobs }: Required,
  contents: Evidence['contents'],
): ProofProblem[] {
  const problems: ProofProblem[] = []
  const own = [...blobs.values()].filter(({ blob }) => !blob.foreign)
  if (own.length > 0 && !own.some(({ blob }) => contents.get(blob.digest)?.is === 'there'))
    problems.push({ kind: 'no-blob-answers', repository })
  for (const digest of labelled) {
    const lacking = lackingOf(needs.get(digest), contents)
    if (lacking.length > 0) problems.push({ kind: 'label-manifest-broken', repository, digest, lacking })
  }
  return problems
}

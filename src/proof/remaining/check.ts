import type { Digest } from '../../oci/digest.js'
import type { RepositoryPlan } from '../../plan/plan.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import type { RemainingTag } from '../../plan/standing.js'
import { counted } from '../../registry/progress.js'
import type { Facts } from '../../survey/facts.js'
import type { Tools } from '../../survey/tools.js'
import { checkBlob, checkManifest, type Content } from './content.js'
import { judgeTags, lackingIn, lackingOf, type Evidence } from './judge.js'
import { requiredBy, type Required } from './needs.js'

/** The final check of the tags that were to be kept. */
export interface RemainingCheck {
  readonly remaining: readonly RemainingTag[]
  /** Why the tags that were to be kept are not proven complete. Empty if they are. */
  readonly problems: readonly ProofProblem[]
  readonly warnings: readonly ProofProblem[]
}

/** The data about the purge of one repository that the check of remaining tags needs. */
export interface Purge {
  readonly plan: RepositoryPlan
  /** Every tag as it is now, read after the last DELETE. */
  readonly facts: Facts
  /** Every digest in a DELETE of this run. */
  readonly touched: ReadonlySet<Digest>
  /** The placeholders of this run. */
  readonly placeholders: ReadonlySet<Digest>
  /** Every digest of the purged images, in any repository: never requested with HEAD. */
  readonly sensitive: ReadonlySet<Digest>
}

/**
 * Checks every remaining tag down to its last blob. Manifests are fetched and hashed. Blobs of the purged image, and
 * those of tags that `protected-tags` names without a glob, are fetched by plain GET. The others are not in any write of
 * this run, and are checked by HEAD (safety rule 8). With a cached descriptor a registry may return 200 to a HEAD although
 * the bytes are gone. So for tags named without a glob, the first bytes of each blob must arrive.
 *
 * A missing blob that is not in any DELETE of this run was missing before, so the survey need not read remaining blobs.
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
    // All of these together have one problem: they usually have one cause.
    if (verdict === 'unchecked') continue
    if (verdict === 'broken' || verdict === 'removed') problems.push({ kind: 'remaining-harmed', ...about })
    else if (verdict === 'broken-before' && each.protected)
      problems.push({ kind: 'protected-broken-before', ...about })
    else warnings.push({ kind: 'remaining-changed', ...about })
  }
  problems.push(...notVerified(plan, remaining))
  return { remaining, problems, warnings }
}

function notVerified({ repository }: RepositoryPlan, remaining: readonly RemainingTag[]): ProofProblem[] {
  const unchecked = remaining.filter(({ verdict }) => verdict === 'unchecked')
  const flaw = unchecked[0]?.flaw
  if (flaw === undefined) return []
  return [{ kind: 'remaining-not-verified', repository, tags: unchecked.map(({ tag }) => tag), flaw }]
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

/** Finds problems that do not concern a single remaining tag. */
function general(
  { repository }: RepositoryPlan,
  { needs, labelled, blobs }: Required,
  contents: Evidence['contents'],
): ProofProblem[] {
  const problems: ProofProblem[] = []
  const own = [...blobs.values()].filter(({ blob }) => !blob.foreign).map(({ blob }) => blob.digest)
  const [content, ...others] = own.flatMap((digest) => lackingIn(digest, contents))
  if (content !== undefined && 1 + others.length === own.length)
    problems.push({ kind: 'no-blob-answers', repository, content })
  for (const digest of labelled) {
    const lacking = lackingOf(needs.get(digest), contents)
    if (lacking.length === 0) continue
    const isBroken = lacking.some((each) => contents.get(each.digest)?.is === 'missing')
    const kind = isBroken ? 'label-manifest-broken' : 'label-manifest-not-verified'
    problems.push({ kind, repository, digest, lacking })
  }
  return problems
}

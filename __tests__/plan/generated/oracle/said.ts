import type { Problem, ProblemKind } from '../../../../src/plan/problem.js'
import type { Reason } from './reasons.js'

/** The kinds of problem that a refusal for each reason may have. */
const KINDS: Readonly<Record<Reason, readonly ProblemKind[]>> = {
  'tag unknown': ['tag-absent', 'tag-dangles'],
  'tag unreadable': ['tag-unreadable'],
  'tag elsewhere': ['tag-elsewhere'],
  'tag not listed': ['tag-unlisted'],
  'unknown kind': ['manifest-of-unknown-kind', 'content-of-unknown-type'],
  'gone already': ['manifest-absent'],
  'content unreadable': ['manifest-unreadable'],
  'manifest named as blob': ['manifest-among-blobs'],
  'remaining unreadable': [
    'remaining-tag-unreadable',
    'remaining-tag-contradictory',
    'attached-tag-unreadable',
    'protected-tag-dangles',
    'needed-manifest-unreadable',
    'remaining-referrers-unclear',
  ],
  alias: ['alias'],
  'named and needed': ['named-but-needed'],
  referrer: ['referrers-unclear', 'referrer-unreadable'],
  twins: ['twin-unreadable', 'twin-of-other-bytes'],
  shared: ['shared-blobs'],
  deletion: ['no-permission', 'deletion-off', 'deletion-unclear'],
}

/** @returns for which reasons a plan was refused, sorted, and the refusals that are none of them */
export function reasonsIn(refusals: readonly Problem[]): { reasons: Reason[]; strange: Problem[] } {
  const reasons = Object.entries(KINDS) as [Reason, readonly ProblemKind[]][]
  return {
    reasons: reasons
      .filter(([, kinds]) => refusals.some(({ kind }) => kinds.includes(kind)))
      .map(([reason]) => reason)
      .sort(),
    strange: refusals.filter(({ kind }) => !reasons.some(([, kinds]) => kinds.includes(kind))),
  }
}

/** @returns the aliases that a plan is refused for, each with its digest */
export function aliasesIn(refusals: readonly Problem[]): string[] {
  return refusals.flatMap((problem) =>
    problem.kind === 'alias' ? problem.tags.map(({ tag, digest }) => `${tag}@${digest ?? ''}`) : [],
  )
}

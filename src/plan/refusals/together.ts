import type { Survey, Target } from '../../survey/facts.js'
import { guards } from '../../oci/glob.js'
import type { ImageEntry, Together } from '../naming.js'
import type { Case, RepositoryPlan } from '../plan.js'
import type { Problem } from '../problem.js'
import type { LeftBehind, NamedProblem } from '../problems/plan.js'
import { closureOf } from './closure.js'
import type { Question } from './refuse.js'

/** A problem that is solved by naming more. */
type Solved = Extract<LeftBehind | NamedProblem, { kind: 'alias' | 'named-but-needed' }>

/** @returns what has to be named together in one repository */
export function togetherIn({ target, survey, selected, rules }: Question): Together {
  const { repository } = target
  const closure = closureOf({ target, survey, rules }, selected)
  if (closure.is === 'protected') {
    const entryFor = (tag: string): string =>
      rules.protectedTags.find((glob) => guards(glob, tag))?.text ?? tag
    return {
      is: 'protected',
      tags: closure.tags.map((tag) => ({ repository, tag, entry: entryFor(tag) })),
    }
  }
  const further = closure.names.map(({ tag, digest }): ImageEntry =>
    tag === undefined ? { repository, digest } : { repository, tag, digest },
  )
  const along = closure.along.map((tag) => ({ repository, tag }))
  return { is: 'lines', further, along, ...given(target, survey), whole: false }
}

/** Adds to the last problem that is solved by naming more what has to be named. */
export function withLines(problems: readonly Problem[], together: () => Together): readonly Problem[] {
  const at = problems.findLastIndex(isSolvable)
  const last = problems[at]
  if (last === undefined || !isSolvable(last)) return problems
  return problems.with(at, { ...last, together: together() })
}

/**
 * Puts what has to be named in all repositories together, so that the lines can be pasted as they are. The last problem
 * that is solved by them has them.
 */
export function joinLines(
  plans: readonly RepositoryPlan[],
  cases: readonly Pick<Case, 'target' | 'survey'>[],
): readonly RepositoryPlan[] {
  const own = plans.map(({ refusals }) => togetherAmong(refusals))
  const last = own.findLastIndex((each) => each !== undefined)
  if (last < 0) return plans
  const all = own.flatMap((each, at): Together[] => {
    const asked = cases[at]
    if (each !== undefined || asked === undefined) return each === undefined ? [] : [each]
    return [{ is: 'lines', further: [], along: [], ...given(asked.target, asked.survey), whole: false }]
  })
  return plans.map((plan, at) => {
    if (own[at] === undefined) return plan
    const refusals = plan.refusals.map((problem): Problem => {
      if (!isSolvable(problem) || problem.together === undefined) return problem
      const { together: _, ...rest } = problem
      return at === last ? { ...rest, together: joined(all) } : rest
    })
    return { ...plan, refusals }
  })
}

/** @returns what has to be named together, if one of these problems says so */
export function togetherAmong(problems: readonly Problem[]): Together | undefined {
  for (const problem of problems) if (isSolvable(problem) && problem.together) return problem.together
  return undefined
}

/** Whether more has to be named than was, for what was named to be purged. */
export function isSolvable(problem: Problem): problem is Solved {
  return (
    (problem.kind === 'alias' && problem.furtherTags === 'name-them') ||
    (problem.kind === 'named-but-needed' && problem.by.every(({ is }) => is !== 'selected'))
  )
}

function joined(all: readonly Together[]): Together {
  const tags = all.flatMap((each) => (each.is === 'protected' ? each.tags : []))
  if (tags.length > 0) return { is: 'protected', tags }
  const lines = all.filter((each) => each.is === 'lines')
  return {
    is: 'lines',
    further: lines.flatMap(({ further }) => further),
    along: lines.flatMap(({ along }) => along),
    image: lines.flatMap(({ image }) => image),
    blobs: lines.flatMap(({ blobs }) => blobs),
    whole: true,
  }
}

/** The entries that were given, each tag with its digest. */
function given(
  { repository, tags, digests, blobs }: Target,
  survey: Survey,
): Pick<Extract<Together, { is: 'lines' }>, 'image' | 'blobs'> {
  return {
    image: [
      ...tags.map(({ tag, digest: written }): ImageEntry => {
        const state = survey.tags.get(tag)
        const digest = written ?? (state?.is === 'resolved' ? state.digest : undefined)
        return { repository, tag, ...(digest !== undefined && { digest }) }
      }),
      ...digests.map((digest) => ({ repository, digest })),
    ],
    blobs: blobs.map((digest) => ({ repository, digest })),
  }
}

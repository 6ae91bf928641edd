import type { PlannedTag } from '../../plan/plan.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { each } from '../../registry/limit.js'
import type { Execution } from '../execution.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { Stage } from '../stage.js'
import { tagsInPlace } from './in-place.js'
import { intendTags } from './intend.js'
import { removeLabels } from './remove-labels.js'
import { isServed } from './served.js'
import { recordUnresolved } from './unresolved.js'

const NOTES = {
  served: 'is still there by digest, as it should be: only the label was removed',
  gone: 'can no longer be read by digest: this registry deleted it with its label',
}

/**
 * Carries out a plan of labels only (`scope: tag`). Requests their manifests by digest afterwards, to show that they are
 * kept.
 *
 * @throws Stopped; `purge` holds what was done
 */
export async function executeLabels(purge: RepositoryPurge): Promise<Execution> {
  const { tags } = purge.plan
  recordUnresolved(purge)
  const present = tags.filter(({ digest }) => digest !== undefined)
  if (present.length === 0) return { refused: [], problems: [], left: new Map() }

  const problems = await removeInStage(purge, present)
  const wrote = purge.wrote || !(await tagsInPlace(purge))
  return { refused: wrote ? [] : problems, problems: wrote ? problems : [], left: new Map() }
}

async function removeInStage(
  purge: RepositoryPurge,
  present: readonly PlannedTag[],
): Promise<PurgeProblem[]> {
  const stage = new Stage(purge, 'Delete tag')
  stage.open()
  intendTags(purge, present)
  const problems = await removeLabels(purge, present)
  const roots = [...new Set(present.flatMap(({ digest }) => digest ?? []))]
  await each(roots, purge.tools.width, (digest) => isServed(purge, digest, NOTES))
  stage.close()
  return problems
}

import { describe, isGone } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import type { Execution } from './execute.js'
import { asked } from './looking.js'
import { placeholder } from './placeholder.js'
import { remove } from './remove.js'
import { settle } from './settle.js'
import { Stage } from './stage.js'
import type { Work } from './work.js'

/**
 * Removes labels and nothing else (`scope: tag`), by the way that the survey found: the tag endpoint, GitLab's own, or a
 * placeholder. The manifests under them stay, and are asked for by digest to show it.
 *
 * @throws Stopped when the run is to stop; what was done stands in `work`
 */
export async function removeLabels(work: Work): Promise<Execution> {
  const { client, recorder, width } = work.tools
  const { repository, tags, way } = work.plan
  for (const { tag, digest } of tags)
    if (digest === undefined) work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' })
  const present = tags.filter(({ digest }) => digest !== undefined)
  if (present.length === 0) return { refused: [], problems: [], left: new Map() }

  const stage = new Stage(work, 'Delete tag')
  stage.open()
  const problems: string[] = []
  if (way === 'placeholder') problems.push(...(await placeholder(work, present)))
  else
    await each(present, width, async ({ tag }) => {
      if (work.denied) return
      const item = { kind: 'tag', name: tag } as const
      problems.push(...settle(work, item, await remove(work, item)))
    })
  const roots = [...new Set(present.flatMap(({ digest }) => digest ?? []))]
  await each(roots, width, async (digest) => {
    const response = await asked(client.manifest(repository, digest, { purpose: 'look-up' }))
    if (typeof response === 'string') recorder.note(`${digest} was asked for by digest: ${response}`)
    else if (response.status === 200)
      recorder.note(`${digest} is still there by digest, as it should be: only the label went`)
    else if (isGone(response))
      recorder.note(`${digest} no longer answers by digest: this registry dropped it with its label`)
    else recorder.note(`${digest} was asked for by digest and answered with ${describe(response)}`)
  })
  stage.close()
  // Nothing was changed anywhere, so this is a refusal.
  return work.wrote
    ? { refused: [], problems, left: new Map() }
    : { refused: problems, problems: [], left: new Map() }
}

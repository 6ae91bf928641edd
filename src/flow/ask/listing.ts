import type { Settings } from '../../config/settings.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Steps } from '../../plan/journal.js'
import { count, some } from '../../report/text.js'
import { Surveyor } from '../../survey/surveyor.js'
import type { Survey } from '../../survey/facts.js'
import type { Tools } from '../../survey/tools.js'
import { say } from '../../report/words/problem.js'

/** How many tags the log names. */
const SHOWN = 50

/** @returns the surveyor for one repository */
export function surveyorOf(repository: Repository, settings: Settings, tools: Tools): Surveyor {
  const { scope, protectedNames } = settings
  return new Surveyor(tools, repository, { labels: scope === 'tag', protectedNames })
}

/** Lists the tags of a repository, as a step of its own. @throws ListError, WireError, Stopped */
export async function list(
  surveyor: Surveyor,
  repository: Repository,
  steps: Steps,
): Promise<readonly Tag[]> {
  steps.begin(repository, 'List tags')
  const listed = await surveyor.list()
  steps.note(listed.length === 0 ? 'no tags' : some(listed, SHOWN))
  for (const remark of surveyor.remarks) steps.note(say(remark).text)
  steps.end(repository, 'List tags', `${repository} has ${count(listed.length, 'tag')}`)
  return listed
}

/** @returns the results of the probes for deletion, in words */
export function deletionInWords({ manifestDeletion, blobDeletion, untagging }: Survey): string {
  if (untagging !== undefined) return `removal of a label is ${untagging.is}`
  return `deletion of manifests is ${manifestDeletion.is}, of blobs ${blobDeletion.is}`
}

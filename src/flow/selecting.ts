import type { Cleanup, Settings } from '../config/settings.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { dated, needsDates } from '../plan/cleanup/age.js'
import { choose, targetOf, withoutLabels, type Choice } from '../plan/cleanup/choose.js'
import { match } from '../plan/cleanup/match.js'
import type { Selection } from '../plan/plan.js'
import { WireError } from '../registry/errors.js'
import { count } from '../report/text.js'
import type { Facts, Survey } from '../survey/facts.js'
import type { Surveyor } from '../survey/collect.js'
import { ListError, UnknownRepository } from '../survey/tags.js'
import { list, possible, surveyorOf, type Part, type Ports } from './repository.js'

/** What a cleanup comes to in one repository, before anything is planned. */
export type Selected =
  /** Something goes. */
  | { readonly is: 'part'; readonly part: Part; readonly listed: readonly Tag[] }
  /** Nothing does. */
  | { readonly is: 'idle'; readonly selection: Selection; readonly listed: readonly Tag[] }
  | { readonly is: 'failed'; readonly why: string; readonly silent: boolean }
  /** There is no such repository. */
  | { readonly is: 'absent'; readonly why: string }

/**
 * Surveys one repository and selects in it. Only where something is selected is the registry asked whether it can be
 * deleted.
 *
 * @param asOf from when age counts, milliseconds since the epoch
 * @throws Stopped, and defects
 */
export async function selectIn(
  repository: Repository,
  settings: Settings,
  cleanup: Cleanup & { readonly asOf: number },
  ports: Ports,
): Promise<Selected> {
  const { clock, narrator } = ports
  const from = clock.now()
  const surveyor = surveyorOf(repository, settings, ports)
  try {
    const listed = await list(surveyor, repository, narrator)
    narrator.begin(repository, 'Resolve')
    const facts = await surveyor.read(listed)
    const chosen = await chooseIn(facts, surveyor, settings, cleanup)
    const { choice, survey } = await completed(chosen, facts, surveyor)
    narrator.end(
      repository,
      'Resolve',
      `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read, ${choice.tags.length} selected${survey === undefined ? '' : `; ${possible(survey)}`}`,
    )
    if (survey === undefined) return { is: 'idle', selection: choice, listed: there(listed, facts) }
    const surveyed = { from, to: clock.now() }
    const part: Part = { surveyor, survey, target: targetOf(choice), selection: choice, surveyed }
    return { is: 'part', part, listed }
  } catch (error) {
    narrator.close()
    if (error instanceof UnknownRepository) return { is: 'absent', why: error.message }
    if (error instanceof ListError) return { is: 'failed', why: error.message, silent: false }
    if (error instanceof WireError)
      return { is: 'failed', why: error.message, silent: ['network', 'timeout'].includes(error.failure) }
    throw error
  }
}

/** A plain name in `protected-tags` may be there without being listed. */
function there(listed: readonly Tag[], { tags }: Facts): Tag[] {
  const resolved = [...tags].flatMap(([tag, { is }]) => (is === 'resolved' ? [tag] : []))
  return [...new Set([...listed, ...resolved])]
}

async function chooseIn(
  facts: Facts,
  surveyor: Surveyor,
  { scope, protectedTags }: Settings,
  cleanup: Cleanup & { readonly asOf: number },
): Promise<Choice> {
  const matched = match(facts, { ...cleanup, protectedTags })
  const wanted = needsDates(cleanup) ? dated(matched.images.values(), cleanup) : new Set<never>()
  const created = await surveyor.created(wanted, facts)
  return choose(facts, matched, created, { ...cleanup, scope, protectedTags })
}

/** @returns the choice as far as the registry can carry it out, and a survey unless nothing is left of it */
async function completed(
  choice: Choice,
  facts: Facts,
  surveyor: Surveyor,
): Promise<{ choice: Choice; survey?: Survey }> {
  if (choice.tags.length === 0) return { choice }
  const labels = choice.tags.some(({ onlyLabel }) => onlyLabel !== undefined)
  const survey = await surveyor.complete(facts, targetOf(choice), labels)
  const { untagging, manifestDeletion, blobDeletion } = survey
  // Where nothing may be deleted at all, that is what has to be said, and no peculiarity of labels.
  const deletes = manifestDeletion.is === 'on' && blobDeletion.is === 'on'
  if (!labels || !deletes || untagging?.is !== 'impossible') return { choice, survey }
  const rest = withoutLabels(choice, facts, untagging.deletion.why)
  if (rest.tags.length === 0) return { choice: rest }
  const { untagging: _, ...without } = survey
  return { choice: rest, survey: without }
}

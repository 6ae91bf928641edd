import type { Cleanup, Settings } from '../../config/settings.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import { dated, needsDates } from '../../plan/cleanup/age.js'
import { choose, targetOf, withoutLabels, type Choice } from '../../plan/cleanup/choose.js'
import { match } from '../../plan/cleanup/match.js'
import { unreadIn, type Unread } from '../../plan/cleanup/unread.js'
import type { Steps } from '../../plan/journal.js'
import type { Rules, Selection } from '../../plan/plan.js'
import type { Problem } from '../../plan/problem.js'
import { WireError } from '../../registry/errors.js'
import { count } from '../../report/text.js'
import type { Surveyor } from '../../survey/surveyor.js'
import type { Facts, Survey } from '../../survey/facts.js'
import { ListError, problemOf, UnknownRepository } from '../../survey/errors.js'
import type { Tools } from '../../survey/tools.js'
import type { SurveyedCase } from '../case.js'
import { deletionInWords, list, surveyorOf } from './listing.js'

/** The result of the selection in one repository. */
export type Selected =
  /** At least one tag is selected. */
  | ({ readonly is: 'case'; readonly case: SurveyedCase; readonly listed: readonly Tag[] } & Warned)
  /** No tag is selected. */
  | ({ readonly is: 'idle'; readonly selection: Selection; readonly listed: readonly Tag[] } & Warned)
  /** `silent`: the registry did not respond. `listed` is undefined if the tags could not be listed. */
  | {
      readonly is: 'failed'
      readonly problem: Problem
      readonly silent: boolean
      readonly listed?: readonly Tag[]
    }
  /** The repository does not exist, so no tag matches. */
  | { readonly is: 'absent'; readonly problem: Problem; readonly selection: Selection }

interface Warned {
  /** Why some matching tags could not be judged. */
  readonly warning?: Problem
}

/** The criteria of a cleanup. */
interface Selecting {
  readonly settings: Settings
  readonly wanted: Cleanup
  readonly rules: Rules
}

/**
 * Surveys one repository, and selects tags in it. Probes whether the registry can delete only if a tag is selected.
 *
 * @throws Stopped, and defects
 */
export async function selectIn(
  repository: Repository,
  { settings, wanted, rules }: Selecting,
  tools: Tools & { readonly steps: Steps },
): Promise<Selected> {
  const { steps, clock } = tools
  const from = clock.now()
  const surveyor = surveyorOf(repository, settings, tools)
  try {
    const listed = await list(surveyor, repository, steps)
    steps.begin(repository, 'Resolve')
    const facts = await surveyor.read(listed)
    const chosen = await chooseIn(facts, surveyor, wanted, rules)
    const { choice, survey } = await completed(chosen, facts, surveyor)
    const read = `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read`
    const deletion = survey === undefined ? '' : `; ${deletionInWords(survey)}`
    steps.end(repository, 'Resolve', `${read}, ${choice.tags.length} selected${deletion}`)
    const unread = unreadIn(choice, choice.tags.length, rules.unreadableTags === 'ignore')
    const known = existing(listed, facts)
    if (unread?.all === true)
      return { is: 'failed', problem: problemWith(repository, unread), silent: false, listed: known }
    const more = unread === undefined ? {} : { warning: problemWith(repository, unread) }
    if (survey === undefined) return { is: 'idle', selection: choice, listed: known, ...more }
    const surveyed = { from, to: clock.now() }
    return {
      is: 'case',
      case: { surveyor, survey, target: targetOf(choice), selection: choice, surveyed },
      listed,
      ...more,
    }
  } catch (error) {
    steps.close()
    if (error instanceof UnknownRepository)
      return { is: 'absent', problem: error.problem, selection: nothing(wanted) }
    if (error instanceof ListError) return { is: 'failed', problem: error.problem, silent: false }
    if (!(error instanceof WireError)) throw error
    const silent = error.failure === 'network' || error.failure === 'timeout'
    return { is: 'failed', problem: problemOf(error), silent }
  }
}

function problemWith(repository: Repository, { all, tags }: Unread): Problem {
  return { kind: all ? 'selection-unread' : 'tags-unread', repository, unread: tags }
}

function nothing({ asOf }: Cleanup): Selection {
  return { asOf, unselected: [], counted: [], created: new Map(), sizes: new Map() }
}

/** The listed tags, and those in `protected-tags` that exist without being listed. */
function existing(listed: readonly Tag[], { tags }: Facts): Tag[] {
  const resolved = [...tags].flatMap(([tag, { is }]) => (is === 'resolved' ? [tag] : []))
  return [...new Set([...listed, ...resolved])]
}

async function chooseIn(facts: Facts, surveyor: Surveyor, wanted: Cleanup, rules: Rules): Promise<Choice> {
  const matched = match(facts, { ...wanted, protectedTags: rules.protectedTags })
  const undated = needsDates(wanted) ? dated(matched.images.values(), wanted) : new Set<never>()
  const created = await surveyor.created(undated, facts)
  return choose(facts, matched, created, { ...wanted, rules })
}

/** @returns the part of the choice that the registry can carry out, and a survey unless that part is empty */
async function completed(
  choice: Choice,
  facts: Facts,
  surveyor: Surveyor,
): Promise<{ choice: Choice; survey?: Survey }> {
  if (choice.tags.length === 0) return { choice }
  const labels = choice.tags.some(({ onlyLabel }) => onlyLabel !== undefined)
  const survey = await surveyor.complete(facts, targetOf(choice), labels)
  const { untagging, manifestDeletion, blobDeletion } = survey
  // If deletion is off, report only that, and not the problem with labels.
  const deletes = manifestDeletion.is === 'on' && blobDeletion.is === 'on'
  if (!labels || !deletes || untagging?.is !== 'impossible') return { choice, survey }
  const rest = withoutLabels(choice, facts, untagging.deletion.answered)
  if (rest.tags.length === 0) return { choice: rest }
  const { untagging: _, ...without } = survey
  return { choice: rest, survey: without }
}

import type { Incident, Named, Settings } from '../../config/settings.js'
import type { Tag } from '../../oci/tag.js'
import type { Journal, Steps } from '../../plan/journal.js'
import type { Problem } from '../../plan/problem.js'
import { count } from '../../report/text.js'
import type { Surveyor } from '../../survey/surveyor.js'
import { ListError, UnknownRepository } from '../../survey/errors.js'
import type { Tools } from '../../survey/tools.js'
import type { SurveyedCase } from '../case.js'
import type { SurveyedRun } from './ask.js'
import { deletionInWords, list, surveyorOf } from './listing.js'
import { NAMED, rulesOf } from './rules.js'

/**
 * An incident: the user named the images to purge. Every repository is surveyed before the first write in any of them. If
 * one is refused, all are.
 *
 * @throws Stopped, and WireError if the registry does not respond at all
 */
export async function askIncident(
  { named }: Incident,
  settings: Settings,
  tools: Tools,
  journal: Journal,
): Promise<SurveyedRun> {
  journal.expect(named.length)
  const parts: SurveyedCase[] = []
  const problems: Problem[] = []
  for (const each of named) {
    try {
      parts.push(await survey(each, settings, tools, journal))
    } catch (error) {
      journal.close()
      if (!(error instanceof ListError)) throw error
      problems.push(error.problem)
    }
  }
  return { parts, problems, idle: [], rules: rulesOf(settings, NAMED) }
}

/** @throws ListError, WireError, Stopped */
async function survey(named: Named, settings: Settings, tools: Tools, steps: Steps): Promise<SurveyedCase> {
  const { repository } = named
  const from = tools.clock.now()
  const surveyor = surveyorOf(repository, settings, tools)
  const listed = await listKnown(surveyor, named, tools, steps)
  steps.begin(repository, 'Resolve')
  const read = await surveyor.survey(listed ?? [], named)
  const facts = listed === undefined ? { ...read, forgotten: true } : read
  for (const { tag } of named.tags) {
    const state = facts.tags.get(tag)
    const what = state?.is === 'resolved' ? `→ ${state.digest}` : 'does not resolve'
    steps.note(`${repository}:${tag} ${what}`)
  }
  const done = `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read`
  steps.end(repository, 'Resolve', `${done}; ${deletionInWords(facts)}`)
  return { surveyor, survey: facts, target: named, surveyed: { from, to: tools.clock.now() } }
}

/** @returns undefined if the registry does not know the repository, and every tag was named with its digest */
async function listKnown(
  surveyor: Surveyor,
  { repository, tags }: Named,
  { capabilities }: Tools,
  steps: Steps,
): Promise<readonly Tag[] | undefined> {
  try {
    return await list(surveyor, repository, steps)
  } catch (error) {
    const pinned = tags.every(({ digest }) => digest !== undefined)
    if (!(error instanceof UnknownRepository) || !pinned) throw error
    // A gateway that hides the list would hide every tag that stays.
    if (error.perhaps && !(await capabilities.saysNotFound(repository))) throw error
    steps.end(repository, 'List tags', `the registry does not know ${repository}, so it has no tags`)
    return undefined
  }
}

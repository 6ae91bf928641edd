import type { Settings } from '../../config/settings.js'
import type { Tag } from '../../oci/tag.js'
import type { Journal, Unplanned } from '../../plan/journal.js'
import type { Rules } from '../../plan/plan.js'
import type { Problem } from '../../plan/problem.js'
import type { Tools } from '../../survey/tools.js'
import type { SurveyedCase } from '../case.js'
import { askCleanup } from './cleanup.js'
import { askIncident } from './incident.js'

/** What is asked of a run, with the facts that it is to be decided by. */
export interface SurveyedRun {
  /** Every repository of the run, in order. */
  readonly parts: readonly (SurveyedCase | Unplanned)[]
  readonly rules: Rules
  /** The tags of each repository for which nothing is asked. */
  readonly idle: readonly (readonly Tag[])[]
  /** Why nothing may be done in any repository. */
  readonly problems: readonly Problem[]
}

/**
 * Surveys the repositories of a run and finds what is asked of each. This is the only place where an incident and a
 * cleanup differ: from here on, what differs is data in the cases and the rules.
 *
 * @throws Stopped, and WireError if the registry as a whole does not respond
 */
export function ask(settings: Settings, tools: Tools, journal: Journal): Promise<SurveyedRun> {
  return settings.ask.is === 'incident'
    ? askIncident(settings.ask, settings, tools, journal)
    : askCleanup(settings.ask, settings, tools, journal)
}

import type { Settings } from '../../config/settings.js'
import type { Tag } from '../../oci/tag.js'
import type { Journal, Unplanned } from '../../plan/journal.js'
import type { Rules } from '../../plan/plan.js'
import type { Problem } from '../../plan/problem.js'
import type { Tools } from '../../survey/tools.js'
import type { SurveyedCase } from '../case.js'
import { askCleanup } from './cleanup.js'
import { askIncident } from './incident.js'

/** The repositories of a run after their survey, and the rules for the plan. */
export interface SurveyedRun {
  /** Every repository of the run, in order. */
  readonly parts: readonly (SurveyedCase | Unplanned)[]
  readonly rules: Rules
  /** The tags of each repository in which nothing is selected. */
  readonly idle: readonly (readonly Tag[])[]
  /** Why the whole run is refused. Empty if it is not. */
  readonly problems: readonly Problem[]
}

/**
 * Surveys the repositories of a run, and finds the items to delete in each. Only here does the code differ for an incident
 * and a cleanup. From here on, only the data in the cases and the rules differ.
 *
 * @throws Stopped, and WireError if the registry does not respond at all
 */
export function ask(settings: Settings, tools: Tools, journal: Journal): Promise<SurveyedRun> {
  return settings.ask.is === 'incident'
    ? askIncident(settings.ask, settings, tools, journal)
    : askCleanup(settings.ask, settings, tools, journal)
}

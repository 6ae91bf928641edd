import type { Run } from '../report/report.js'
import { VERSION } from '../version.js'
import type { Environment } from './environment.js'

/** The context of a run before the runner's context is loaded. */
export const NO_CONTEXT: Run = {
  repository: '',
  workflow: '',
  url: '',
  attempt: 1,
  actor: '',
  event: '',
  commit: '',
  actionVersion: VERSION,
}

/** @returns the context of this run. Loads the separate chunk of @actions/github in parallel with the first requests. */
export async function runContext(environment: Environment): Promise<Run> {
  const context = await import('@actions/github').then(
    (github) => github.context,
    // @actions/github also reads the event file and fails if it is damaged. A run does not need that file.
    () => contextOf(environment),
  )
  const repository = environment['GITHUB_REPOSITORY'] ?? ''
  const { runId, runAttempt, serverUrl } = context
  return {
    repository,
    workflow: context.workflow ?? '',
    url: Number.isInteger(runId) ? `${serverUrl}/${repository}/actions/runs/${runId}` : '',
    attempt: Number.isInteger(runAttempt) ? runAttempt : 1,
    actor: context.actor ?? '',
    event: context.eventName ?? '',
    commit: context.sha ?? '',
    actionVersion: VERSION,
  }
}

/** @returns the same values from the runner's variables */
function contextOf(environment: Environment) {
  return {
    workflow: environment['GITHUB_WORKFLOW'],
    serverUrl: environment['GITHUB_SERVER_URL'] ?? 'https://github.com',
    runId: Number.parseInt(environment['GITHUB_RUN_ID'] ?? '', 10),
    runAttempt: Number.parseInt(environment['GITHUB_RUN_ATTEMPT'] ?? '', 10),
    actor: environment['GITHUB_ACTOR'],
    eventName: environment['GITHUB_EVENT_NAME'],
    sha: environment['GITHUB_SHA'],
  }
}

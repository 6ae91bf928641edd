import type { RunProblem } from '../../plan/problems/run.js'
import type { Unselected } from '../../plan/plan.js'
import { count, plural, some } from '../text.js'
import { sayReason } from './reason.js'
import type { Words } from './wording.js'

/** Tags that a line names. */
const HOLDERS = 8

/** The words for problems of the run as a whole. */
export const runWords: Words<RunProblem> = {
  input: ({ input, text }) => ({ text, items: [input] }),
  'certificate-not-checked': ({ origin }) => ({
    text: `tls-verify is false: whoever is between this runner and ${origin} can read the password and fake every response. Give the authority in \`ca-certificate\` instead`,
    items: ['tls-verify'],
  }),
  'proxy-not-used': ({ name, why, scheme, instead }) => {
    const because = {
      'no-scheme': 'has no scheme',
      scheme: `names a proxy of another kind (${scheme}://)`,
      'not-read': 'is not read by this action',
    }[why]
    return {
      text: `${name} ${because}, so no proxy is used: requests to the registry go to it directly. For a proxy, set ${instead} to http://host:port or https://host:port; else add the registry's host to NO_PROXY`,
      items: [name],
    }
  },
  credentials: ({ why }) => ({ text: why, items: [] }),
  'report-file': ({ code }) => ({
    text: `report-file: the report cannot be written (${code}). Name a path in a folder that this job may write to`,
    items: ['report-file'],
  }),
  cancelled: () => ({
    text: 'The run was cancelled. The report says what had been done. Run again to finish it',
    items: [],
  }),
  timeout: ({ limit, failures }) => ({
    text: `timeout: the run took longer than ${limit} and was stopped. ${failures === undefined ? '' : `${count(failures.attempts, 'request')} failed meanwhile, the last one: ${failures.last}. `}Run again with a longer \`timeout\`; what is gone already is proven again`,
    items: ['timeout'],
  }),
  defect: ({ error }) => ({
    text: `registry-purge has a defect: ${error}. Please report it, with the log`,
    items: [],
  }),
  'log-lost': ({ code }) => ({
    text: `The log of this run is not complete: it could not be written (${code})`,
    items: [],
  }),
  'registry-stopped-responding': ({ repository }) => ({
    text: `${repository} was not surveyed: the registry stopped responding`,
    items: [repository],
  }),
  'listed-repository-unknown': ({ about }, say) => {
    const { text, items } = say(about)
    return { text: `repositories: ${text}`, items: ['repositories', ...items] }
  },
  'selection-unread': ({ repository, unread }) => ({
    text: `${repository}: nothing could be selected, because requests for ${count(unread.length, 'matching tag')} failed. ${firstUnread(unread)}`,
    items: [repository],
  }),
  'tags-unread': ({ repository, unread }) => ({
    text: `${repository}: ${count(unread.length, 'matching tag')} ${plural(unread.length, 'stays', 'stay')} only because requests failed. ${firstUnread(unread)}`,
    items: [repository],
  }),
  'glob-matches-nothing': ({ glob, belonging }) => ({
    text: `tags: ${glob} matches no tag in any repository of this run${belonging ? ' except tags that belong to an image by their names: they are deleted or kept with it' : ''}`,
    items: ['tags'],
  }),
  exposed: (problem) => ({
    text: exposedText(problem),
    items: [...new Set(problem.found.map(({ repository, digest }) => `${repository}@${digest}`))],
  }),
  'on-exposure': ({ about }, say) => {
    const { text, items } = say(about)
    return { text: `on-exposure is \`fail\`: ${text}`, items }
  },
  'not-searched': ({ glob, about }, say) => ({
    text: `search-repositories: ${glob} was not searched: ${say(about).text}`,
    items: ['search-repositories'],
  }),
  'searched-glob-matches-nothing': ({ glob }) => ({
    text: `search-repositories: ${glob} matches no repository, so nothing was searched for it`,
    items: ['search-repositories'],
  }),
  'searched-repository-unlisted': ({ repository, why, answered }) => ({
    text: `search-repositories: the tags of ${repository} cannot be listed${answered ? ` (${why})` : `: ${why}`}. If that name is misspelt, nothing was searched for it`,
    items: [repository],
  }),
}

function firstUnread([first]: readonly Unselected[]): string {
  return first === undefined ? '' : `${first.tag}: ${sayReason(first.because)}`
}

type ExposedProblem = Extract<RunProblem, { kind: 'exposed' }>

/** What is served elsewhere, and lines for a next run that purge what this one purges. */
function exposedText({ repository, found, kept }: ExposedProblem): string {
  const isKept = new Set<string>(kept)
  const lines = found.map(({ repository: place, digest, heldBy }) => {
    const holders =
      heldBy.length === 0
        ? 'no tag that could be read'
        : some(
            heldBy.map(({ tag }) => tag),
            HOLDERS,
          )
    return `  ${place}@${digest}, held by ${holders}${isKept.has(digest) ? ' (kept here as well)' : ''}`
  })
  const digests = new Set(found.map(({ digest }) => digest)).size
  return [
    `EXPOSED: other repositories serve ${count(digests, 'digest')} that ${plural(digests, 'belongs', 'belong')} to what is purged in ${repository}:`,
    ...lines,
    ...nextRun(found.filter(({ digest }) => !isKept.has(digest))),
  ].join('\n')
}

function nextRun(found: ExposedProblem['found']): string[] {
  const images = new Set<string>()
  const blobs = new Set<string>()
  for (const { repository, digest, kind, heldBy } of found) {
    for (const { tag, root } of heldBy) images.add(`${repository}:${tag}@${root}`)
    if (heldBy.length === 0) (kind === 'manifest' ? images : blobs).add(`${repository}@${digest}`)
  }
  if (images.size + blobs.size === 0) return []
  return [
    'To purge what holds them there, start another run with these lines. Read its dry run first: it deletes whole images.',
    ...(images.size > 0 ? ['image: |', ...[...images].map((line) => `  ${line}`)] : []),
    ...(blobs.size > 0 ? ['blobs: |', ...[...blobs].map((line) => `  ${line}`)] : []),
  ]
}

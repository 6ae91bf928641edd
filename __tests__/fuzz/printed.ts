import * as core from '@actions/core'
import { actionsLog } from '../../src/action/log.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import type { PlannedContent, RepositoryPlan } from '../../src/plan/plan.js'
import { Narrator } from '../../src/report/log/narrator.js'
import type { Report } from '../../src/report/report.js'
import { partOf } from '../report/plans.js'
import { content, gone, of, reported, reportOf, repositoryOf, tagOf } from '../report/reports.js'
import type { Said } from './sentences.js'
import type { Problem } from '../../src/plan/problem.js'
import { Secrets } from '../../src/registry/secrets/secrets.js'

const REPO = 'acme/app' as Repository
const TAG = 'debug-42' as Tag

/** What stands on stdout after a run in which all of this was said, in every way in which a run says something. */
export function logOf({ sentences, mediaTypes }: Said, secret: string): string {
  return captured(() => {
    const secrets = new Secrets((text) => core.setSecret(text))
    secrets.add(secret)
    const log = actionsLog((text) => secrets.redact(text))
    const narrator = new Narrator(log, true)
    narrator.part(planOf({ sentences, mediaTypes }), of('plan'))
    narrator.begin(REPO, 'Delete tag')
    for (const sentence of sentences) {
      narrator.note(sentence)
      narrator.note(`${of('a')} was asked for by digest: ${sentence}`)
      narrator.done({
        item: { kind: 'tag', name: TAG },
        outcome: 'failed',
        at: 0,
        detail: { is: 'answered', answered: sentence },
      })
    }
    narrator.end(REPO, 'Delete tag', sentences[0] ?? '')
    narrator.begin(REPO, 'Verify')
    narrator.close()
    for (const sentence of sentences.slice(0, 3)) {
      log.begin(sentence)
      log.info(sentence)
      log.end()
    }
    for (const sentence of sentences) {
      log.notice(sentence)
      log.warning(`${REPO}: ${sentence}`)
      log.error(sentence)
      log.debug(sentence)
    }
  })
}

/** A report in which all of this stands, wherever something of the wire can stand. */
export function reportWith({ sentences, mediaTypes }: Said): Report {
  const details = sentences.map((reason) => ({ reason, detail: reason }))
  const all = mediaTypes.map((mediaType, at) =>
    content(`m${at}`, { mediaType, detail: sentences[at] ?? null }),
  )
  return reportOf({
    problems: sentences.map((sentence) => reported(`${REPO} cannot be read: ${sentence}`, sentence)),
    warnings: [...sentences],
    repositories: [
      repositoryOf({
        problems: sentences.map((sentence) =>
          reported(`GET https://registry.example.com/: ${sentence}`, sentence),
        ),
        warnings: [...sentences],
        tags: details.map(({ reason }) => tagOf(TAG, { digest: of('a'), outcome: 'failed', reason })),
        manifests: [gone('a'), ...all],
        blobs: [gone('b')],
        kept: [{ digest: of('k'), heldBy: ['latest'] }],
        exposed: [{ repository: 'acme/other', digest: of('k'), heldBy: ['latest'] }],
        remaining: details.map(({ detail }) => ({
          tag: 'latest',
          digest: of('l'),
          verdict: 'broken',
          detail,
        })),
      }),
    ],
  })
}

/** A problem that quotes a sentence. */
const problem = (message: string): Problem => ({
  kind: 'tag-unreadable',
  repository: REPO,
  tag: TAG,
  why: { is: 'unanswered', message },
  furtherTags: 'name-them',
})

function planOf({ sentences, mediaTypes }: Said): RepositoryPlan {
  const planned = (mediaType: string, at: number): PlannedContent => ({
    digest: of(`m${at}`),
    mediaType,
    size: 5,
    level: 0,
    named: false,
    gone: at % 2 === 1,
    foreign: false,
  })
  const kept = { ...planned(mediaTypes[0] ?? '', 0), kind: 'blob', heldBy: ['latest' as Tag] } as const
  return partOf({
    tags: [{ tag: TAG, digest: of('a'), root: of('a') }],
    manifests: mediaTypes.map(planned),
    blobs: mediaTypes.map(planned),
    kept: [kept],
    remaining: [{ tag: 'latest' as Tag, digest: of('l'), protected: false }],
    refusals: sentences.map(problem),
    warnings: sentences.map(problem),
  })
}

function captured(use: () => void): string {
  const write = process.stdout.write.bind(process.stdout)
  const parts: Buffer[] = []
  process.stdout.write = (part: string | Uint8Array): boolean => {
    // As bytes, since that is what a runner reads: half of a pair does not survive it.
    parts.push(Buffer.from(part))
    return true
  }
  try {
    use()
  } finally {
    process.stdout.write = write
  }
  return Buffer.concat(parts).toString('utf8')
}

import { sha256, type Digest } from '../../src/oci/digest.js'
import type { Problem } from '../../src/plan/problem.js'
import { contentEntry } from '../../src/report/journal/entries.js'
import type {
  ContentEntry,
  Report,
  ReportedProblem,
  RepositoryEntry,
  TagEntry,
} from '../../src/report/report.js'

/** The report of a run that has not begun anything. */
export function reportOf(more: Partial<Report> = {}): Report {
  return {
    schema: 1,
    result: 'incomplete',
    registry: 'https://registry.example.com',
    fingerprint: sha256('the plan'),
    startedAt: '2026-01-02T03:04:05.678Z',
    endedAt: null,
    reason: null,
    run: {
      repository: 'acme/search',
      workflow: 'Purge',
      url: 'https://github.com/acme/search/actions/runs/42',
      attempt: 1,
      actor: 'bob',
      event: 'workflow_dispatch',
      commit: 'c'.repeat(40),
      actionVersion: '1.0.0',
    },
    inputs: {},
    repositories: [],
    requests: {},
    problems: [],
    warnings: [],
    ...more,
  }
}

export function repositoryOf(more: Partial<RepositoryEntry> = {}): RepositoryEntry {
  return {
    name: 'acme/app',
    result: 'incomplete',
    problems: [],
    warnings: [],
    tags: [],
    manifests: [],
    blobs: [],
    kept: [],
    exposed: [],
    remaining: [],
    ...more,
  }
}

export function tagOf(tag: string, more: Partial<TagEntry> = {}): TagEntry {
  return {
    tag,
    digest: sha256('root'),
    outcome: 'deleted',
    via: 'tag',
    onlyLabel: false,
    reason: null,
    ...more,
  }
}

/** A problem that is worded by this text alone. */
export const problem = (text: string): Problem => ({ kind: 'input', input: 'image', text })

/** The same, as the report has it. */
export const reported = (text: string, ...items: string[]): ReportedProblem => ({
  kind: 'input',
  text,
  items,
})

export function content(name: string, more: Partial<ContentEntry> = {}): ContentEntry {
  const entry = contentEntry({ digest: sha256(name), mediaType: 'application/octet-stream', size: 5 })
  return { ...entry, ...more }
}

export const gone = (name: string): ContentEntry =>
  content(name, {
    outcome: 'deleted',
    verdict: 'gone',
    rounds: 5,
    deletedAt: '2026-01-02T03:04:06.000Z',
    goneSince: '2026-01-02T03:04:07.000Z',
    goneUntil: '2026-01-02T03:04:12.000Z',
  })

export const of = (name: string): Digest => sha256(name)

/** Texts as a hostile registry, or a careless one, may send them. */
export const HOSTILE: readonly string[] = [
  '::error::x',
  '::set-output name=result::purged',
  ' \t::add-mask::a',
  '\u00a0::warning::x',
  '\u3000::warning::x',
  '\u0085::warning::x',
  '\ufeff::warning::x',
  '\u200b::warning::x',
  'a\n::error::x',
  'a\r::error::x',
  'a\r\n::stop-commands::x',
  'a\u2028::error::x',
  'a\u2029::error::x',
  'a\u0085::error::x',
  'a\v::error::x\f::error::y',
  '##[error]x',
  'a ##[add-mask]b',
  '####[group]x',
  '#\n#[error]x',
  '##\u200b[error]x',
  '::::error::x',
  '::group::x\n::endgroup::',
  '%0A::error::x',
  '\u001b[2J\u001b]0;title\u0007',
  '\u202eexe.fdp',
  '\0',
  '\ud800',
  '::error file=x,line=1::'.repeat(500),
]

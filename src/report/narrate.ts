import type { Repository } from '../oci/reference.js'
import { labelsOf } from '../plan/holders.js'
import type { Plan, PlannedTag, RepositoryPlan, Selection } from '../plan/plan.js'
import type { Released } from '../plan/reconsider.js'
import type { Done } from '../plan/outcome.js'
import type { Journal, Step } from '../plan/journal.js'
import type { Log } from './log.js'
import { time } from './report.js'
import { columns, idleRows, planRows, type Row } from './table.js'
import { bytes, count, plainLine, some } from './text.js'

const HOLDERS = 8

const WAYS = {
  tag: "the registry's tag endpoint",
  gitlab: "GitLab's endpoint for tags",
  placeholder: 'a placeholder, since this registry cannot delete a tag by name',
} as const

/** Tells the log what a run does: one group a step, one summary line after each, outside it. */
export class Narrator implements Journal {
  readonly #log: Log
  #several: boolean
  /** Title of the step that goes on. */
  #open: string | undefined
  /** Its group was ended so that what follows can be seen. */
  #ended = false

  /** @param several more than one repository: then each title names its own */
  constructor(log: Log, several: boolean) {
    this.#log = log
    this.#several = several
  }

  /** That there is more than one repository, a catalog may have told. */
  expect(repositories: number): void {
    this.#several = repositories > 1
  }

  /** Says how far a long step has come, where it is seen: in a group that is closed nobody sees it. */
  progress(line: string): void {
    const title = this.#open
    this.#endGroup()
    this.#log.info(title === undefined ? line : `${title}: ${line}`)
  }

  #endGroup(): void {
    if (this.#open !== undefined && !this.#ended) this.#log.end()
    this.#ended = true
  }

  begin(repository: Repository, step: Step | 'List tags' | 'Resolve' | 'Plan' | 'Verify'): void {
    this.close()
    this.#open = this.#several ? `${step} (${repository})` : step
    this.#ended = false
    this.#log.begin(this.#open)
  }

  intend(): void {
    // The report's file is told; the log says what came of it.
  }

  about(): void {
    // What came of it is told; a line before it as well would only double the log.
  }

  withdraw(): void {
    // What was not sent, the log never spoke of.
  }

  done(_repository: Repository, { item, outcome, via, detail }: Done): void {
    const words = {
      deleted: 'deleted',
      'already-gone': 'gone already',
      'with-manifest': 'goes with its manifest',
      kept: 'left',
      failed: 'NOT deleted',
      unknown: 'outcome unknown',
    }
    const more = [via === undefined || via === 'tag' ? '' : `by ${via}`, detail ?? ''].filter(
      (each) => each !== '',
    )
    this.#log.info(
      `${item.kind} ${item.name}: ${words[outcome]}${more.length > 0 ? ` (${more.join('; ')})` : ''}`,
    )
  }

  release(_repository: Repository, { tags, manifests, blobs }: Released): void {
    for (const { tag, belongsTo } of tags)
      this.#log.info(`tag ${tag} belongs to ${belongsTo ?? 'the image'}, which goes now, so it goes, too`)
    for (const { digest } of [...manifests, ...blobs])
      this.#log.info(`${digest} is needed by no tag any more, so it goes, too`)
  }

  note(text: string): void {
    this.#log.info(text)
  }

  /** Ends the group and says in one line what came of the step. */
  end(
    _repository: Repository,
    step: Step | 'List tags' | 'Resolve' | 'Plan' | 'Verify',
    summary: string,
  ): void {
    const title = this.#open ?? step
    this.#endGroup()
    this.#open = undefined
    this.#log.info(`${title}: ${summary}`)
  }

  /** Ends a group that an error left open: what follows must not hide in it. */
  close(): void {
    if (this.#open === undefined) return
    this.#endGroup()
    this.#log.info(`${this.#open}: not finished, for the reason below`)
    this.#open = undefined
  }

  /** Prints a repository's plan: every digest, and lines that a later run takes as they are. */
  plan(plan: RepositoryPlan, fingerprint: string, asOf?: number): void {
    const { repository, tags, manifests, blobs, kept, remaining, refusals, warnings, selection } = plan
    this.begin(repository, 'Plan')
    if (selection !== undefined) this.#table(planRows(plan, selection, asOf ?? 0))
    for (const { tag, digest, belongsTo, onlyLabel } of selection === undefined ? tags : []) {
      const why = belongsTo === undefined ? '' : `, since it belongs to ${belongsTo}`
      const label =
        onlyLabel === undefined || plan.scope === 'tag' ? '' : ` as a label only, since ${onlyLabel}`
      this.note(
        `tag ${tag} goes${digest === undefined ? ': it does not resolve any more' : ` (${digest})`}${why}${label}`,
      )
    }
    const left = new Set(labelsOf(plan.tags).map(({ digest }) => digest))
    for (const digest of left) this.note(`manifest ${digest} stays, with all it needs: only labels go`)
    if (left.size > 0 && plan.way !== undefined) this.note(`the labels go by ${WAYS[plan.way]}`)
    for (const { digest, mediaType, size, gone } of manifests)
      this.note(
        `manifest ${digest} goes (${plainLine(mediaType) || 'type unknown'}, ${bytes(size)}${gone ? ', gone already' : ''})`,
      )
    for (const { digest, size, foreign } of blobs)
      this.note(`blob ${digest} goes (${bytes(size)}${foreign ? ', lies elsewhere, too' : ''})`)
    for (const { digest, kind, heldBy } of kept)
      this.note(
        `${kind} ${digest} stays and will be STILL SERVED, since it is needed by ${some(heldBy, HOLDERS)}`,
      )
    this.note(
      `${count(remaining.length, 'tag')} stay${remaining.length === 1 ? 's' : ''}: ${some(
        remaining.map(({ tag }) => tag),
        20,
      )}`,
    )
    for (const warning of warnings) this.note(`warning: ${warning}`)
    if (asOf !== undefined) this.note(`age counts from ${time(asOf)}: an approved run takes it as \`as-of\``)
    this.note(`fingerprint ${fingerprint}`)
    for (const block of readyBlocks(plan)) this.note(block)
    this.end(
      repository,
      'Plan',
      refusals.length === 0 ? sumOf(plan) : `refused (${count(refusals.length, 'reason')})`,
    )
  }

  /** Prints of a repository in which a cleanup selects nothing what matches and why it stays. */
  idle(repository: Repository, selection: Selection, asOf: number): void {
    this.begin(repository, 'Plan')
    const rows = idleRows(repository, selection, asOf)
    if (rows.length > 0) this.#table(rows)
    this.end(
      repository,
      'Plan',
      `nothing to do: ${rows.length === 0 ? 'no tag matches' : `${count(rows.length, 'matching tag')} stay${rows.length === 1 ? 's' : ''}`}`,
    )
  }

  #table(rows: readonly Row[]): void {
    for (const line of columns(rows)) this.note(line)
  }

  /** What a plan refuses, outside every group. */
  refusals(plan: Plan): void {
    this.close()
    for (const refusal of [...plan.refusals, ...plan.repositories.flatMap((each) => each.refusals)])
      this.#log.error(refusal)
  }
}

function sumOf({ scope, tags, manifests, blobs, kept, remaining }: RepositoryPlan): string {
  const stay = `${count(remaining.length, 'tag')} must still pull afterwards`
  if (scope === 'tag')
    return `${count(tags.length, 'label')} and nothing else ${tags.length === 1 ? 'goes' : 'go'}, ${stay}`
  const labels = tags.filter(({ onlyLabel }) => onlyLabel !== undefined).length
  return `${count(tags.length, 'tag')}${labels === 0 ? '' : ` (${labels} of them as ${labels === 1 ? 'a label' : 'labels'} only)`}, ${count(manifests.length, 'manifest')} and ${count(blobs.length, 'blob')} go, ${kept.length} of the image's digests stay, ${stay}`
}

/** A later run needs nothing else: a log is the record that survives a lost runner. */
function readyBlocks({ repository, tags, manifests, blobs }: RepositoryPlan): string[] {
  const labels = tags.filter(({ onlyLabel }) => onlyLabel !== undefined)
  const whole = tags.filter(({ onlyLabel }) => onlyLabel === undefined)
  const tagged = new Set(whole.map(({ root }) => root))
  const line = ({ tag, root }: PlannedTag): string => `${repository}:${tag}@${root}`
  const images = [
    ...whole.map(line),
    ...manifests // A missing child was not named, and would be a root whose blobs are unknown.
      .filter(({ digest, gone, named }) => !tagged.has(digest) && (named || !gone))
      .map(({ digest }) => `${repository}@${digest}`),
  ]
  return [
    ...readyBlock(
      '',
      images,
      blobs.map(({ digest }) => `${repository}@${digest}`),
    ),
    ...readyBlock(', with `scope: tag`', labels.map(line), []),
  ]
}

function readyBlock(how: string, images: readonly string[], blobs: readonly string[]): string[] {
  if (images.length + blobs.length === 0) return []
  const lines = [`To go on or to verify again, a later run takes these lines${how}:`]
  if (images.length > 0) lines.push('image: |', ...images.map((line) => `  ${line}`))
  if (blobs.length > 0) lines.push('blobs: |', ...blobs.map((line) => `  ${line}`))
  return [lines.join('\n')]
}

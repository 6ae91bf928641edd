import type { Repository } from '../oci/reference.js'
import type { Plan, RepositoryPlan } from '../plan/plan.js'
import type { Released } from '../plan/reconsider.js'
import type { Done, Recorder, Step } from '../purge/outcome.js'
import type { Log } from './log.js'
import { bytes, count, plainLine, some } from './text.js'

const HOLDERS = 8

const WAYS = {
  tag: "the registry's tag endpoint",
  gitlab: "GitLab's endpoint for tags",
  placeholder: 'a placeholder, since this registry cannot delete a tag by name',
} as const

/** Tells the log what a run does: one group a step, one summary line after each, outside it. */
export class Narrator implements Recorder {
  readonly #log: Log
  readonly #several: boolean
  /** Title of the group that is open. */
  #open: string | undefined

  /** @param several more than one repository: then each title names its own */
  constructor(log: Log, several: boolean) {
    this.#log = log
    this.#several = several
  }

  begin(repository: Repository, step: Step | 'List tags' | 'Resolve' | 'Plan' | 'Verify'): void {
    this.close()
    this.#open = this.#several ? `${step} (${repository})` : step
    this.#log.begin(this.#open)
  }

  about(): void {
    // What came of it is told; a line before it as well would only double the log.
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
    if (this.#open !== undefined) this.#log.end()
    this.#open = undefined
    this.#log.info(`${title}: ${summary}`)
  }

  /** Ends a group that an error left open: what follows must not hide in it. */
  close(): void {
    if (this.#open === undefined) return
    this.#log.end()
    this.#log.info(`${this.#open}: not finished, for the reason below`)
    this.#open = undefined
  }

  /** Prints a repository's plan: every digest, and lines that a later run takes as they are. */
  plan(plan: RepositoryPlan, fingerprint: string): void {
    const { repository, tags, manifests, blobs, kept, remaining, refusals, warnings } = plan
    this.begin(repository, 'Plan')
    for (const { tag, digest, belongsTo } of tags) {
      const why = belongsTo === undefined ? '' : `, since it belongs to ${belongsTo}`
      this.note(
        `tag ${tag} goes${digest === undefined ? ': it does not resolve any more' : ` (${digest})`}${why}`,
      )
    }
    if (plan.scope === 'tag') {
      const roots = [...new Set(tags.flatMap(({ digest }) => digest ?? []))]
      for (const digest of roots) this.note(`manifest ${digest} stays, with all it needs: only labels go`)
      if (plan.way !== undefined) this.note(`the labels go by ${WAYS[plan.way]}`)
    }
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
    this.note(`fingerprint ${fingerprint}`)
    const block = readyBlock(plan)
    if (block !== '') this.note(block)
    const sum =
      plan.scope === 'tag'
        ? `${count(tags.length, 'label')} and nothing else ${tags.length === 1 ? 'goes' : 'go'}, ${count(remaining.length, 'tag')} must still pull afterwards`
        : `${count(tags.length, 'tag')}, ${count(manifests.length, 'manifest')} and ${count(blobs.length, 'blob')} go, ${kept.length} of the image's digests stay, ${count(remaining.length, 'tag')} must still pull afterwards`
    this.end(
      repository,
      'Plan',
      refusals.length === 0 ? sum : `refused (${count(refusals.length, 'reason')})`,
    )
  }

  /** What a plan refuses, outside every group. */
  refusals(plan: Plan): void {
    this.close()
    for (const refusal of [...plan.refusals, ...plan.repositories.flatMap((each) => each.refusals)])
      this.#log.error(refusal)
  }
}

/** A later run needs nothing else: a log is the record that survives a lost runner. */
function readyBlock({ repository, scope, tags, manifests, blobs }: RepositoryPlan): string {
  const tagged = new Set(tags.map(({ root }) => root))
  const images = [
    ...tags.map(({ tag, root }) => `${repository}:${tag}@${root}`),
    ...manifests // A missing child was not named, and would be a root whose blobs are unknown.
      .filter(({ digest, gone, named }) => !tagged.has(digest) && (named || !gone))
      .map(({ digest }) => `${repository}@${digest}`),
  ]
  if (images.length + blobs.length === 0) return ''
  const lines = [
    `To go on or to verify again, a later run takes these lines${scope === 'tag' ? ', with `scope: tag`' : ''}:`,
  ]
  if (images.length > 0) lines.push('image: |', ...images.map((line) => `  ${line}`))
  if (blobs.length > 0) lines.push('blobs: |', ...blobs.map(({ digest }) => `  ${repository}@${digest}`))
  return lines.join('\n')
}

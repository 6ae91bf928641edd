import { count } from '../text.js'
import type { Detail, KeptBecause, LeftPlaceholder, PlaceholderTrace } from '../../plan/outcome.js'
import type { Doubt } from '../../plan/problems/plan.js'
import { sayPlan } from './plan.js'
import { sayRead } from './read.js'
import { sayRight } from './right.js'

/** Why the next step of a DELETE was not sent. */
const STUCK: Readonly<Record<Extract<Detail, { is: 'stuck' }>['why'], string>> = {
  'no-link': 'its response has no link to the next step',
  elsewhere: 'its link to the next step leads to something else',
  circle: 'its link to the next step leads back to an earlier one',
  'too-many': 'there were too many of them',
}

/** Puts what is known of an item besides its outcome into words, to follow a colon or to stand in brackets. */
export function sayDetail(detail: Detail): string {
  switch (detail.is) {
    case 'answered':
      return detail.answered
    case 'found-gone':
      return `the response to the DELETE was ${detail.answered}; ${detail.seen ? 'it is gone now' : 'it is not there, and nothing shows that it was there before'}`
    case 'foreign-404':
      return `${detail.answered ?? 'the DELETE was delayed'}; the 404 after it does not come from the registry itself, so something in front of it may answer in its place`
    case 'stuck':
      return `the registry deletes it in steps (${detail.answered}), and ${STUCK[detail.why]}. Tags of the same manifest may be deleted already. Delete other tags of the repository, so that one step is enough, and run again`
    case 'unchecked':
      return 'it could not be checked before its DELETE'
    case 'in-flight':
      return 'in flight when the run was stopped'
    case 'not-tried':
      return 'not tried'
    case 'kept':
      return `${sayBecause(detail.because)}${detail.after === undefined ? '' : `; before, it was ${detail.after}`}`
    case 'repeated':
      return sayRepeated(detail.answers, detail.ended)
    case 'placeholder':
      return sayTrace(detail)
    case 'as-before': {
      const cause = detail.left.length === 0 ? detail.answered : detail.left.map(sayLeft).join('; ')
      return `${cause}; the tag ${detail.putBack ? 'was put back and ' : ''}points to ${detail.digest} as before`
    }
    case 'undeletable-parts':
      return `the registry refuses an empty index, and would keep the blobs of an image without content: it returned ${detail.answered} to the probe`
    case 'upload-failed':
      return `the upload of ${detail.digest} failed: ${detail.answered}`
  }
}

/** Puts into words why an item is kept, to follow a colon. */
export function sayBecause(because: KeptBecause): string {
  switch (because.is) {
    case 'needed':
      return `a tag needs it now: ${because.by.join(', ')}`
    case 'moved':
      return `somebody else pushed ${because.to}, to which it points now`
    case 'unsure':
      return sayDoubt(because.doubt)
    case 'unchecked':
      return sayRead(because.problem).text
    case 'above-refused':
      return `the registry refuses to delete the ${because.above.kind} ${because.above.name}, so this is kept as well`
    case 'unread-manifest':
      return `its manifest ${because.digest} could not be read by digest (${because.answered}), so it may not outlive its last tag. Run again`
    case 'last-tag':
      return `its manifest ${because.digest} is needed by ${because.by.join(', ')}, and some registries delete a manifest with its last tag. Pushing it by its digest, which would keep it, failed (${because.answered}). ${because.right === undefined ? `Allow the user to push to ${because.repository}` : `Give the user ${sayRight(because.right, 'push', because.repository)}`} and run again`
  }
}

/** Puts into words what a tag may point to while a placeholder takes its place. */
export function sayTrace({ digest, parts, before }: PlaceholderTrace): string {
  const named = parts.length === 0 ? digest : `${digest} (of the blobs ${parts.join(' and ')})`
  return `it may point to the placeholder ${named}, which holds nothing; before it pointed to ${before ?? 'nothing'}`
}

/** Puts into words that a placeholder was not deleted. */
export function sayLeft({ digest, answered }: LeftPlaceholder): string {
  return `the placeholder ${digest} could not be deleted (${answered})`
}

function sayDoubt(doubt: Doubt): string {
  return sayPlan(doubt).text
}

function sayRepeated(answers: readonly string[], ended: KeptBecause | undefined): string {
  const kept = ended === undefined ? '' : `kept: ${sayBecause(ended)}`
  if (answers.length === 0) return kept
  const times = `deleted again ${count(answers.length, 'time')} in a row: ${answers.join(' ')}`
  return kept === '' ? times : `${times}; then ${kept}`
}

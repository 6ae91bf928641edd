import type { Repository } from '../../oci/reference.js'
import type { Item } from '../../plan/item.js'
import type { RefusedBecause } from '../../plan/outcome.js'
import type { PurgeProblem, PutBackFailure } from '../../plan/problems/purge.js'
import { count } from '../text.js'
import { sayBecause, sayDetail, sayLeft } from './detail.js'
import { sayRight } from './right.js'
import type { Words } from './wording.js'

/** Why the registry may refuse to delete an item, and what to do. */
const REFUSED: Readonly<Record<Exclude<RefusedBecause, 'forbidden'>, string>> = {
  locked:
    'It is locked there (an immutable tag, a lock, a retention period or a legal hold), or deletion was switched off meanwhile. Unlock it and run again',
  referenced:
    'Something that this registry does not list still refers to it, such as an untagged manifest, or it is locked. Delete that or unlock it, and run again',
  foreign:
    'Something in front of the registry answered, such as a proxy or a firewall. Let it pass DELETE requests to the registry, and run again',
}

/** The words for problems of the purge. */
export const purgeWords: Words<PurgeProblem> = {
  'blobs-kept': ({ repository, because }) => ({
    text: `The blobs of ${repository} were not deleted: ${sayBecause(because)}`,
    items: [repository],
  }),
  'item-kept': ({ repository, item, because }) => ({
    text: `${item.kind} ${nameOf(repository, item)} was kept: ${sayBecause(because)}`,
    items: [nameOf(repository, item)],
  }),
  'item-not-deleted': ({ repository, item, detail }) => ({
    text: `${item.kind} ${nameOf(repository, item)} was not deleted: ${detail.is === 'answered' ? 'the registry returned ' : ''}${sayDetail(detail)}`,
    items: [nameOf(repository, item)],
  }),
  'delete-refused': ({ repository, item, answered, why, below }) => ({
    text: `${item.kind} ${nameOf(repository, item)} was not deleted: the registry returned ${answered}, although deletion is allowed there. ${REFUSED[why]}${below === 0 ? '' : `. Nothing below it was deleted (${count(below, 'digest')})`}`,
    items: [nameOf(repository, item)],
  }),
  'delete-not-permitted': ({ repository, item, answered, right }) => ({
    text: `${item.kind} ${nameOf(repository, item)} was not deleted: no permission (${answered}). The user needs ${sayRight(right, 'delete', repository)}`,
    items: [nameOf(repository, item)],
  }),
  'outcome-unknown': ({ repository, item, detail }) => ({
    text: `whether ${item.kind} ${nameOf(repository, item)} was deleted is not known: ${sayDetail(detail)}`,
    items: [nameOf(repository, item)],
  }),
  'label-not-removed': ({ repository, item, detail }) => ({
    text: `tag ${nameOf(repository, item)} was not removed: ${sayDetail(detail)}`,
    items: [nameOf(repository, item)],
  }),
  'push-not-permitted': ({ repository, item, answered, right }) => ({
    text: `tag ${nameOf(repository, item)} was not removed: no permission to push a placeholder, the only way on this registry (${answered}). The user needs ${right === undefined ? `the actions \`push\` and \`delete\` on ${repository}` : sayRight(right, 'push', repository)}`,
    items: [nameOf(repository, item)],
  }),
  'label-on-placeholder': ({ repository, item, placeholder, before, failure }) => ({
    text: `tag ${nameOf(repository, item)} may point to the placeholder ${placeholder}, which holds nothing, and could not be put back (${sayFailure(failure)}). Before, it pointed to ${before}: tag that again, or run again with the tag alone, without a digest, to remove the label`,
    items: [nameOf(repository, item), `${repository}@${placeholder}`],
  }),
  'placeholder-left': ({ repository, digest, answered }) => ({
    text: `${sayLeft({ digest, answered })}; it holds nothing`,
    items: [`${repository}@${digest}`],
  }),
  'placeholder-part-left': ({ repository, digest, answered }) => ({
    text: `${repository}@${digest}, a part of the placeholder that holds nothing, was not removed again: ${answered}`,
    items: [`${repository}@${digest}`],
  }),
  'label-took-manifest': ({ repository, item, digest, pushAnswered }) => ({
    text: `When the label ${nameOf(repository, item)} was deleted, this registry also deleted its manifest ${digest} and every other tag on it. No further label was removed. Push that image again${
      pushAnswered === undefined
        ? ", and remove such labels with the registry's own tools"
        : `. Pushing it by its digest, which would have kept it, failed (${pushAnswered}): allow the user to push to ${repository}`
    }`,
    items: [nameOf(repository, item), `${repository}@${digest}`],
  }),
}

function nameOf(repository: Repository, { kind, name }: Item): string {
  return `${repository}${kind === 'tag' ? ':' : '@'}${name}`
}

function sayFailure(failure: PutBackFailure): string {
  if (failure.is === 'moved') return sayBecause(failure)
  return failure.is === 'absent' ? 'it does not resolve' : failure.answered
}

import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Lacking, RemainingFlaw } from '../../plan/flaw.js'
import type { Item } from '../../plan/item.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import { count, plural, some } from '../text.js'
import { sayFlaw } from './flaw.js'
import { storageKey } from './names.js'
import type { Words } from './wording.js'

/** Names that one problem shows. */
const SHOWN = 5
/** Storage keys that one problem lists. */
const KEYS = 20
const AGAIN = 'run again with the lines of the step Plan'

/** The words for problems of the proof. */
export const proofWords: Words<ProofProblem> = {
  'still-answers': ({ repository, item, flaw }) => {
    const name = itemName(repository, item)
    const how = flaw === undefined ? 'it answers again' : sayFlaw(flaw)
    return {
      text: `${name} STILL ANSWERS: ${how}. Restart the registry's replicas or flush its cache, purge caches in front of it, and ${AGAIN}`,
      items: [name],
    }
  },
  'not-proven-gone': ({ repository, item, flaw }) => {
    const name = itemName(repository, item)
    return { text: `${name} is not proven gone: ${sayFlaw(flaw)}. ${start(AGAIN)}`, items: [name] }
  },
  'too-few-rounds': ({ repository, items, control, lastFlaw }) => {
    const names = items.map((item) => itemName(repository, item))
    const last = lastFlaw === undefined ? '' : ` (the last failure: ${sayFlaw(lastFlaw)})`
    const why =
      control === undefined
        ? `the time was up before enough rounds in a row were clean${last}`
        : sayFlaw(control)
    return {
      text: `${some(names, SHOWN)} ${plural(names.length, 'is', 'are')} not proven gone: ${why}. ${start(AGAIN)}, with a longer \`verify-timeout\` if the time was up`,
      items: names,
    }
  },
  'served-as-manifest': ({ repository, digest, answered }) => {
    const name = digestName(repository, digest)
    return {
      text: `${name} is gone as a blob, but the registry serves it as a manifest (${answered}). Name it in \`image\` and run again`,
      items: [name],
    }
  },
  'answers-range': ({ repository, digest, answered }) => {
    const name = digestName(repository, digest)
    return {
      text: `${name} was gone, but the final ranged GET (${answered}) shows that the registry knows it again: another repository of this registry holds it, or somebody pushed it again. One more DELETE follows unless a tag needs it now. If another repository holds it, purge it there in the same run, or have the registry keep the blobs of repositories apart (zot: \`dedupe: false\`)`,
      items: [name],
    }
  },
  'final-check-unclear': ({ repository, check, digest, answered }) => {
    const name = digestName(repository, digest)
    const how = check === 'range' ? 'by a ranged GET' : 'as a manifest'
    return {
      text: `${name}: the final check ${how} failed (${answered}), so it is not proven gone. ${start(AGAIN)}`,
      items: [name],
    }
  },
  'left-for-tags': ({ repository, digest, tags }) => {
    const name = digestName(repository, digest)
    return {
      text: `${name} was kept, because ${tags.join(', ')} came to need it during this run: it is still served. Name ${plural(tags.length, 'that tag', 'those tags')} in \`image\` too, and run again`,
      items: [name, ...tags.map((tag) => tagName(repository, tag))],
    }
  },
  'deleted-too-early': ({ repository, digest, tags }) => {
    const name = digestName(repository, digest)
    return {
      text: `${name} was deleted before ${tags.join(', ')} came to need it. Push that image again`,
      items: [name, ...tags.map((tag) => tagName(repository, tag))],
    }
  },
  'unknown-root-answers': ({ repository, digest }) => {
    const name = digestName(repository, digest)
    return {
      text: `${name} was unknown to the registry when the plan was made and answers now, so what belongs to it is not known. Run again with this digest in \`image\``,
      items: [name],
    }
  },
  'tag-pushed-again': ({ repository, tag, digest }) => {
    const name = tagName(repository, tag)
    return {
      text: `${name} points to ${digest} now: somebody pushed it again during this run, so it was kept. To purge it, name it in \`image\` and run again`,
      items: [name],
    }
  },
  'newcomer-left': ({ repository, tag, digest, subject }) => {
    const name = tag === undefined ? digestName(repository, digest) : tagName(repository, tag)
    return {
      text: `${tag === undefined ? name : `${name}@${digest}`} belongs to ${subject}, which was purged, and came during this run, so it was kept. Name it in \`image\` and run again`,
      items: [name],
    }
  },
  'placeholder-stays': ({ repository, tag, placeholder }) => {
    const name = tagName(repository, tag)
    return {
      text: `${name} still points to the placeholder ${placeholder}, which holds nothing. Run again to remove the label`,
      items: [name],
    }
  },
  'remaining-unchecked': ({ repository, cause }, say) => ({
    text:
      cause === undefined
        ? `${repository}: the tags that were to stay were not checked at the end. ${start(AGAIN)}`
        : `${repository}: the tags that were to stay could not be checked at the end: ${say(cause).text}`,
    items: [repository],
  }),
  'remaining-harmed': ({ repository, tag, flaw }) => {
    const name = tagName(repository, tag)
    return {
      text: `${name}, which should have stayed, ${sayFlaw(flaw)}. ${remedy(flaw)}`,
      items: [name],
    }
  },
  'remaining-not-verified': ({ repository, tags, flaw }) => ({
    text: `${repository}: ${some(tags, SHOWN)} could not be verified at the end, so it is not known whether ${plural(tags.length, 'it still pulls', 'they still pull')}. ${tags[0] ?? ''} ${sayFlaw(flaw)}. Pull ${plural(tags.length, 'it', 'them')} to check, or ${AGAIN}`,
    items: tags.map((tag) => tagName(repository, tag)),
  }),
  'protected-broken-before': ({ repository, tag, flaw }) => {
    const name = tagName(repository, tag)
    return {
      text: `${name} is in protected-tags and does not pull: it ${sayFlaw(flaw)}`,
      items: [name],
    }
  },
  'remaining-changed': ({ repository, tag, flaw }) => {
    const name = tagName(repository, tag)
    return { text: `${name} ${sayFlaw(flaw)}`, items: [name] }
  },
  'label-manifest-broken': ({ repository, digest, lacking }) => {
    const name = digestName(repository, digest)
    return {
      text: `${name}, of which only the label was to go, does not pull any more: ${lackingWords(lacking)}. Push it again under any tag if it has to stay`,
      items: [name],
    }
  },
  'label-manifest-not-verified': ({ repository, digest, lacking }) => {
    const name = digestName(repository, digest)
    return {
      text: `${name}, of which only the label was to go, could not be verified at the end, so it is not known whether it still pulls: ${lackingWords(lacking)}. Pull it by its digest to check, or ${AGAIN}`,
      items: [name],
    }
  },
  'no-blob-answers': ({ repository, content }) => ({
    text: `${repository}: not one blob of the remaining tags answers (${lackingWords([content])}), so the registry no longer answers for what it must have, and its 404s prove nothing. Check the registry, and ${AGAIN}`,
    items: [repository],
  }),
  'tags-still-listed': ({ repository, tags }) => {
    const names = tags.map((tag) => tagName(repository, tag))
    const more = tags.length > KEYS ? [`  … and ${tags.length - KEYS} more`] : []
    return {
      text: [
        `${some(names, SHOWN)} ${plural(tags.length, 'is', 'are')} still listed, although ${plural(tags.length, 'its manifest is', 'their manifests are')} gone: ${plural(tags.length, 'the label dangles', 'the labels dangle')}, as on distribution 2.x with an object store. A push of the same manifest would bring ${plural(tags.length, 'it', 'them')} back. Remove from the storage, under its root:`,
        ...tags.slice(0, KEYS).map((tag) => `  ${storageKey({ repository, tag })}`),
        ...more,
      ].join('\n'),
      items: names,
    }
  },
  'blobs-never-there': ({ repository, digests }) => {
    const one = digests.length === 1
    return {
      text: `${count(digests.length, 'digest')} of \`blobs\` ${one ? 'was' : 'were'} not there, so nothing was deleted: ${some(digests, SHOWN)}. If no earlier run deleted ${one ? 'it' : 'them'}, check the repository, and that a layer is named by the digest in its manifest, not by the DiffID in its config`,
      items: digests.map((digest) => digestName(repository, digest)),
    }
  },
  'answered-after-failures': ({ repository, checks, failures }) => ({
    text: `${count(checks, 'check')} of the proof ${plural(checks, 'was', 'were')} answered only after failures (${failures.join(', ')}). If one of several replicas fails, it was not checked: ${AGAIN} when it is back`,
    items: [repository],
  }),
}

function lackingWords(lacking: readonly Lacking[]): string {
  return lacking.map((each) => `${each.digest} ${sayFlaw(each.flaw)}`).join(', ')
}

/** What to do about a tag that should have stayed. */
function remedy({ kind }: RemainingFlaw): string {
  if (kind === 'unreadable') return 'Pull it to check it'
  return 'Push that image again'
}

function start(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

function itemName(repository: Repository, { kind, name }: Item): string {
  return `${repository}${kind === 'tag' ? ':' : '@'}${name}`
}

function tagName(repository: Repository, tag: Tag): string {
  return itemName(repository, { kind: 'tag', name: tag })
}

function digestName(repository: Repository, digest: Digest): string {
  return `${repository}@${digest}`
}

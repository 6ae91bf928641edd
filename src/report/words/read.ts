import type { Repository } from '../../oci/reference.js'
import type { ReadProblem, Right, StaleSign } from '../../survey/problem.js'
import { count, plural } from '../text.js'
import { sayListFlaw } from './list-flaw.js'
import { storageKey } from './names.js'
import { sayRight } from './right.js'
import { wordsOf, type Wording, type Words } from './wording.js'

const NAME_THEM = 'Name the repositories one by one'
const OF_ARTIFACTORY =
  "Artifactory lists the manifests of a multi-platform image this way. Delete the image there with Artifactory's own API (DELETE /artifactory/<repository>/<image>/<tag>), and with it those of these manifests that no other image needs"
const UNCACHED = 'Switch off caching of /v2/ in front of the registry'

/** The words for what could not be read. */
export const readWords: Words<ReadProblem> = {
  'repository-unknown': ({ repository, origin, answered }) => ({
    text: `${origin} has no repository ${repository}: ${answered}. Check the name. If everything in it was pushed by digest alone, push any tag that may stay, and run again`,
    items: [repository],
  }),
  'no-permission-to-list': ({ repository, answered, right }) => ({
    text: `No permission to list the tags of ${repository} (${answered}). Give the user ${sayAll(right, repository)}`,
    items: [repository],
  }),
  'credentials-missing': ({ repository, origin, answered }) => ({
    text: `${origin} asks for credentials to list the tags of ${repository} (${answered}). Give them in \`username\` and \`password\`, or log in with docker/login-action in an earlier step`,
    items: [repository],
  }),
  'credentials-refused': ({ repository, origin, answered, source, right }) => ({
    text: `${origin} refuses the credentials from ${source} for the list of tags of ${repository} (${answered}). Correct them, or give the user ${sayAll(right, repository)}`,
    items: [repository],
  }),
  'tag-list-refused': ({ repository, answered, https, foreign }) => ({
    text: foreign
      ? `something in front of the registry, such as a proxy, a firewall or a login page, returned ${answered} for the tag list of ${repository}. Let requests to /v2/ through, and run again`
      : `the registry returned ${answered} for the tag list of ${repository}${https === undefined ? '' : `. It speaks https: write \`registry: ${https}\``}`,
    items: [repository],
  }),
  'tag-list-invalid': ({ repository }) => ({
    text: `the response for the tag list of ${repository} is not a tag list. If something in front of the registry sent it, let requests to /v2/ through, and run again`,
    items: [repository],
  }),
  'tag-list-has-other-names': ({ repository, entries, count: all, digests }) => ({
    // One line: the entries come from the wire.
    text: `the tag list of ${repository} has ${count(all, 'entry', 'entries')} that ${plural(all, 'is not a tag', 'are not tags')}: ${entries.join(', ')}${all > entries.length ? ` and ${all - entries.length} more` : ''}. What ${plural(all, 'it needs', 'they need')} is unknown, so nothing can be deleted safely. ${digests ? OF_ARTIFACTORY : 'Remove or rename such entries with the tools of the registry, and run again'}`,
    items: [repository],
  }),
  'tag-list-not-whole': ({ repository, flaw }) => ({
    text: `the tag list of ${repository} ${sayListFlaw(flaw)}`,
    items: [repository],
  }),
  'tag-list-stale': ({ repository, sign }) => ({
    text: `the tag list of ${repository} ${signWords(sign)}, also when it is requested past caches. ${UNCACHED}, and run again${danglingWords(repository, sign)}`,
    items: [repository],
  }),
  'too-many-hidden-tags': ({ repository, most }) => ({
    text: `the tag list of ${repository} hides more than ${most} tags`,
    items: [repository],
  }),
  'hidden-tags-refused': ({ repository, answered }) => ({
    text: `the registry refused the requests for tags that the list of ${repository} may hide: ${answered}`,
    items: [repository],
  }),
  'catalog-refused': ({ origin, answered }) => ({
    text: `${origin} returned ${answered} for the catalog, which a glob needs. ${NAME_THEM}, or use an account that may read the catalog`,
    items: [],
  }),
  'catalog-not-whole': ({ origin, flaw }) => ({
    text: `the catalog ${sayListFlaw(flaw)} (${origin}). ${NAME_THEM}`,
    items: [],
  }),
  'catalog-stale': ({ origin, cache }) => ({
    text: `the catalog of ${origin} comes out of a cache (${cache}), also when it is requested past caches. ${UNCACHED}, or name the repositories one by one`,
    items: [],
  }),
  'no-response': ({ message }) => ({ text: message, items: [] }),
  'globs-not-expanded': ({ input, cause }) => ({
    text: `${input}: ${causeWords(cause).text}`,
    items: [input],
  }),
  'glob-without-match': ({ input, glob, origin, listed }) => ({
    text: `${input}: ${glob} matches none of the ${listed} repositories in the catalog of ${origin}. Correct or remove the entry`,
    items: [input],
  }),
  'hidden-tags-found': ({ repository, count: found }) => ({
    text: `the tag list of ${repository} hides ${found} of its tags, which were found all the same`,
    items: [repository],
  }),
  'hidden-tags-not-searched': ({ repository, count: tags }) => ({
    text: `the tag list of ${repository} may be incomplete, as on distribution 3.1.1 with S3: after ${tags} of its tags no hidden tag was searched for. Name tags that must stay in \`protected-tags\``,
    items: [repository],
  }),
  'twin-unreadable': ({ repository, digest, answered }) => ({
    text: `${repository}@${digest} is named by sha512, and registries serve such content under a sha256 digest, too. It could not be read to find that out: ${answered}`,
    items: [`${repository}@${digest}`],
  }),
  'twin-of-other-bytes': ({ repository, digest }) => ({
    text: `${repository}@${digest} is named by sha512, and registries serve such content under a sha256 digest, too. It came with other bytes`,
    items: [`${repository}@${digest}`],
  }),
  'search-failed': ({ repository, failed, wanted, answered }) => ({
    text: `${repository} could not be searched for ${failed} of ${count(wanted, 'digest')}: ${answered}`,
    items: [repository],
  }),
  'holders-unknown': ({ repository, cause }) => ({
    text: `It is not known which tags of ${repository} hold what was found there: ${causeWords(cause).text}`,
    items: [repository],
  }),
  'holders-unreadable': ({ repository, count: tags }) => ({
    text: `${count(tags, 'tag')} of ${repository} cannot be read, and may hold it, too`,
    items: [repository],
  }),
}

/** Whoever may not list needs the right to delete as well. The challenge to a list names the actions for the list only. */
function sayAll(right: Right | undefined, repository: Repository): string {
  return right?.is === 'of-product'
    ? sayRight(right, 'delete', repository)
    : 'the actions `pull` and `delete` on it'
}

/** The words of a problem that is the cause of another. */
function causeWords(cause: ReadProblem): Wording {
  return (readWords[cause.kind] as (problem: ReadProblem) => Wording)(cause)
}

/** @returns what shows that a list is stale, in words that follow the list's name */
function signWords(sign: StaleSign): string {
  switch (sign.is) {
    case 'cached':
      return `comes out of a cache (${sign.cache})`
    case 'names-deleted-tag':
      return `names ${sign.tag}, which this run deleted and which is gone`
    case 'names-tag-of-deleted-manifest':
      return `names ${sign.tag}, whose manifest this run deleted and which is gone, and nothing shows that the list is up to date`
  }
}

/** What to do if the list is up to date: distribution 2.x on an object store goes on listing some tags. */
function danglingWords(repository: string, sign: StaleSign): string {
  if (sign.is !== 'names-tag-of-deleted-manifest') return ''
  const key = storageKey({ repository, tag: sign.tag })
  return `. If there is no cache, the label dangles, as on distribution 2.x with an object store: run again with the lines of the step Plan, and remove this key from the storage, under its root:\n  ${key}`
}

/** Puts a problem of the survey into words. */
export function sayRead(problem: ReadProblem): Wording {
  return wordsOf(readWords, problem)
}

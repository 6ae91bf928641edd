import type { ManifestFlaw } from '../../oci/manifest.js'
import type { UnknownDate, UnreadManifest, UnreadReferrers } from '../../survey/problem.js'
import { sayListFlaw } from './list-flaw.js'

/** Puts into words why a manifest could not be read: a clause that follows a colon, in which "it" is the manifest. */
export function sayUnreadManifest(why: UnreadManifest): string {
  switch (why.is) {
    case 'unanswered':
      return why.message
    case 'refused':
      return `the registry returned ${why.answered}`
    case 'foreign':
      return `something in front of the registry, such as a proxy, a firewall or a login page, returned ${why.answered}`
    case 'cached':
      return `the response comes out of a cache in front of the registry (${why.cache})`
    case 'cut-off':
      return 'its body was cut off'
    case 'unusable':
      return sayManifestFlaw(why.flaw)
    case 'other-bytes':
      return `the bytes that came for ${why.named} have the digest ${why.digest}`
    case 'other-header':
      return 'the Docker-Content-Digest header does not fit the bytes'
    case 'conversion':
      return 'the registry returned a schema 1 manifest that is a conversion of another'
    case 'too-deep':
      return `indexes are nested more than ${why.levels} levels deep, or hold more than ${why.manifests} manifests`
  }
}

/** As `sayUnreadManifest`. @param why undefined if the registry does not know the manifest */
export function sayMissing(why: UnreadManifest | undefined): string {
  return why === undefined ? 'the registry does not know it' : sayUnreadManifest(why)
}

/** Puts into words why the referrers of a manifest could not be listed: a clause that follows a colon. */
export function sayUnreadReferrers(why: UnreadReferrers): string {
  switch (why.is) {
    case 'unanswered':
      return why.message
    case 'refused':
      return `the registry returned ${why.answered} for the list`
    case 'cached':
      return `the list comes out of a cache (${why.cache}), also when it is requested past caches`
    case 'flawed':
      return `the list ${sayListFlaw(why.flaw)}`
    case 'missing':
      return `the list is missing, as if the registry had no such API${why.elsewhere ? ', although it has one for other digests' : ''}`
    case 'too-deep':
      return `they go on for more than ${why.levels} levels`
  }
}

/** Puts into words why the date of an image is unknown: a clause that follows a colon, in which "its" is the image's. */
export function sayUnknownDate(why: UnknownDate): string {
  switch (why.is) {
    case 'unanswered':
      return why.message
    case 'no-date':
      return 'its config has no `created`'
    case 'unread-manifest':
      return `${why.digest} could not be read${why.why === undefined ? '' : `: ${sayUnreadManifest(why.why)}`}`
    case 'dateless-kind':
      return `${why.digest} is of a kind that has no date`
    case 'missing-config':
    case 'refused':
      return `the registry returned ${why.answered} for the config ${why.config}`
    case 'other-bytes':
      return `the config ${why.config} came with other bytes than its digest says`
    case 'malformed':
      return `the config ${why.config} has no date that can be read`
  }
}

function sayManifestFlaw(flaw: ManifestFlaw): string {
  switch (flaw.is) {
    case 'no-object':
      return 'it is no JSON object, so it is no manifest'
    case 'miscased-key':
      return `its key ${JSON.stringify(flaw.key)} is one of a manifest's but for its case, and clients read that differently`
    case 'two-types':
      return 'its Content-Type header and its own mediaType contradict each other'
    case 'malformed':
      return 'it is not a well-formed manifest of its media type'
    case 'malformed-schema1':
      return 'it is a schema 1 manifest that is not well-formed'
  }
}

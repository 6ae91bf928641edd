import type { Digest } from '../oci/digest.js'
import type { Glob } from '../oci/glob.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'

/** The content that the user named in one repository. */
export interface Named {
  readonly repository: Repository
  /** Tags, each with the digest that the user wrote beside it, if any. */
  readonly tags: readonly { readonly tag: Tag; readonly digest?: Digest }[]
  /** Manifests that are named by digest alone. */
  readonly digests: readonly Digest[]
  readonly blobs: readonly Digest[]
}

/** A repository, or a glob of repositories. */
export type Searched = { readonly name: Repository } | { readonly glob: Glob }

/** Purges what the user named. */
export interface Incident {
  readonly is: 'incident'
  /** One entry for each repository, in the order in which the user first named them. Never empty. */
  readonly named: readonly Named[]
}

/** Selects tags by pattern, age and count, and purges them. */
export interface Cleanup {
  readonly is: 'cleanup'
  /** The repositories to select in; never empty. */
  readonly repositories: readonly Searched[]
  /** A tag that matches one of these is selected; never empty. */
  readonly globs: readonly Glob[]
  /** A tag that matches one of these is not selected. The `text` of each includes the `!`. */
  readonly except: readonly Glob[]
  /** Minimum age of an image in milliseconds; 0 if age does not matter. */
  readonly olderThan: number
  /** How many of the newest matching images each repository keeps. */
  readonly keepNewest: number
  /** The time at which the age of images is computed, in milliseconds since the epoch. */
  readonly asOf: number
  /** The most tags that a plan may delete, over all repositories; a larger plan is refused. */
  readonly maxDeletions: number
}

/** The kind of run. Only config decides which of the two it is. */
export type Ask = Incident | Cleanup

/** The settings of a run, complete and checked. */
export interface Settings {
  /** Scheme, host and port of the registry, as the origin of a URL. */
  readonly origin: string
  /** Credentials for the registry. If undefined, the Docker config may have some. */
  readonly basic?: { readonly username: string; readonly password: string }
  /** Client certificate and key for the registry and its token service, as PEM text. */
  readonly clientTls?: { readonly certificate: string; readonly key: string }
  /** Certificates of authorities to trust in addition to the system's own, as PEM text. */
  readonly authorities: readonly string[]
  /** Whether to check the registry's certificate. */
  readonly verifyTls: boolean
  readonly ask: Ask
  /** Whether to delete the images, or only their tags. */
  readonly scope: 'image' | 'tag'
  /** What to do if a remaining tag needs content of the image. */
  readonly sharedBlobs: 'keep' | 'fail'
  /** What to do about a remaining tag that cannot be read. */
  readonly unreadableTags: 'refuse' | 'ignore'
  /** Repositories to search for the purged content. May be empty. */
  readonly searched: readonly Searched[]
  /** What to do if that search finds something. */
  readonly onExposure: 'warn' | 'fail'
  /** Tags that must not be deleted and must still pull afterwards. */
  readonly protectedTags: readonly Glob[]
  /** Entries of `protected-tags` that are plain names. They are read even if the tag list does not contain them. */
  readonly protectedNames: readonly Tag[]
  /** Survey, plan and report, but write nothing. */
  readonly dryRun: boolean
  /** The fingerprint of the only plan that may be carried out. If undefined, any plan may be. */
  readonly approved?: Digest
  /** Free text for summary and report. */
  readonly reason?: string
  /** How many consecutive clean rounds prove that content is gone. */
  readonly verifyAttempts: number
  /** Milliseconds between two rounds. */
  readonly verifyInterval: number
  /** Milliseconds for all rounds of one repository. */
  readonly verifyTimeout: number
  /** The most requests in flight at the same time. */
  readonly concurrency: number
  /** Milliseconds for the whole run. */
  readonly timeout: number
  /** The text of every input in force, without secrets. */
  readonly shown: Readonly<Record<string, string>>
}

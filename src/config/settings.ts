import type { Digest } from '../oci/digest.js'
import type { Glob } from '../oci/glob.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'

/** What the user named in one repository. */
export interface Named {
  readonly repository: Repository
  /** Tags, with the digest written beside them, if any. */
  readonly tags: readonly { readonly tag: Tag; readonly digest?: Digest }[]
  /** Manifests named by digest alone. */
  readonly digests: readonly Digest[]
  readonly blobs: readonly Digest[]
}

/** A repository, or a glob of them. */
export type Searched = { readonly name: Repository } | { readonly glob: Glob }

/** Selects tags by pattern, age and count. */
export interface Cleanup {
  /** In which repositories; never empty. */
  readonly repositories: readonly Searched[]
  /** A tag is selected that one of these matches; never empty. */
  readonly globs: readonly Glob[]
  /** What takes away from that, each with its `!` in the text. */
  readonly except: readonly Glob[]
  /** Milliseconds that an image must be older than; 0: its age does not matter. */
  readonly olderThan: number
  /** How many of the newest images that match stay in each repository. */
  readonly keepNewest: number
  /** The time from which age counts, milliseconds since the epoch; undefined: the start of the run. */
  readonly asOf: number | undefined
  /** A plan that would delete more tags than this, over all repositories, is refused. */
  readonly maxDeletions: number
}

/** What the user asked for, whole and checked: there is no other reader of inputs. */
export interface Settings {
  /** Scheme, host and port of the registry, in the form of a URL's origin. */
  readonly origin: string
  /** Credentials for the registry; undefined: the Docker config may have some. */
  readonly basic?: { readonly username: string; readonly password: string }
  /** Certificate and key to show to the registry and its token service, as PEM text. */
  readonly clientTls?: { readonly certificate: string; readonly key: string }
  /** PEM texts of authorities to trust besides the system's own. */
  readonly authorities: readonly string[]
  /** Whether the registry's certificate is checked. */
  readonly verifyTls: boolean
  /** What leaked, a repository each, in the order in which they were named first. Empty in a cleanup. */
  readonly named: readonly Named[]
  /** What a cleanup selects; undefined in an incident. */
  readonly cleanup?: Cleanup
  /** Everything that was named goes, or only the labels. */
  readonly scope: 'image' | 'tag'
  /** What to do where a remaining tag needs content of the image. */
  readonly sharedBlobs: 'keep' | 'fail'
  /** Whether a remaining tag that cannot be read stands in the way. */
  readonly unreadableTags: 'refuse' | 'ignore'
  /** Where else to look for what is purged; empty: nowhere. */
  readonly searched: readonly Searched[]
  /** What it means where something is found there. */
  readonly onExposure: 'warn' | 'fail'
  /** Tags that must stay and pull. */
  readonly protectedTags: readonly Glob[]
  /** Entries of `protected-tags` that are plain names: asked for whether they are listed or not. */
  readonly protectedNames: readonly Tag[]
  /** Survey, plan and report, but write nothing. */
  readonly dryRun: boolean
  /** The only fingerprint to run with; undefined for any. */
  readonly approved?: Digest
  /** Free text for summary and report. */
  readonly reason?: string
  /** Consecutive clean rounds that prove that something is gone. */
  readonly verifyAttempts: number
  /** Milliseconds between two rounds. */
  readonly verifyInterval: number
  /** Milliseconds for all rounds of a repository. */
  readonly verifyTimeout: number
  /** Requests in flight at the most. */
  readonly concurrency: number
  /** Milliseconds for the whole run. */
  readonly timeout: number
  /** Every input that is in force, as text, without a secret. */
  readonly shown: Readonly<Record<string, string>>
}

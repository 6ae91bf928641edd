import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Unselected } from '../plan.js'
import type { Problem } from '../problem.js'

/** Content that another repository serves, with the tags there that need it. */
interface Exposed {
  readonly repository: Repository
  readonly digest: Digest
  readonly kind: 'manifest' | 'blob'
  readonly heldBy: readonly { readonly tag: Tag; readonly root: Digest }[]
}

/** Matching tags of one repository that could not be judged, and why. Not empty. */
interface UnreadTags {
  readonly repository: Repository
  readonly unread: readonly Unselected[]
}

/** Problems of the run as a whole: its inputs, its end, and the search in other repositories. */
export type RunProblem =
  /** An input is wrong. The text names it, its value, and what is accepted. */
  | { readonly kind: 'input'; readonly input: string; readonly text: string }
  /** The run does not check the registry's certificate. */
  | { readonly kind: 'certificate-not-checked'; readonly origin: string }
  /** A variable names a proxy, but has no effect: requests to the registry are sent without a proxy. */
  | {
      readonly kind: 'proxy-not-used'
      /** The name of the variable. */
      readonly name: string
      /** `not-read`: this action does not read the variable. `scheme`: the proxy is of another kind. */
      readonly why: 'no-scheme' | 'scheme' | 'not-read'
      readonly scheme?: string
      /** The name of a variable that would be used. */
      readonly instead: string
    }
  /** The credentials that the Docker config has for the registry cannot be used. */
  | { readonly kind: 'credentials'; readonly why: string }
  /** The report cannot be written. */
  | { readonly kind: 'report-file'; readonly code: string }
  /** Somebody cancelled the run. */
  | { readonly kind: 'cancelled' }
  /** The run took longer than `timeout` allows. */
  | {
      readonly kind: 'timeout'
      readonly limit: string
      /** How many attempts failed during the run, and the last of them in one bounded line. Undefined if none did. */
      readonly failures?: { readonly attempts: number; readonly last: string }
    }
  /** This action has a defect. */
  | { readonly kind: 'defect'; readonly error: string }
  /** The log is incomplete because it could not be written. */
  | { readonly kind: 'log-lost'; readonly code: string }
  /** The registry stopped responding before this repository was surveyed. */
  | { readonly kind: 'registry-stopped-responding'; readonly repository: Repository }
  /** The registry does not know a repository that `repositories` names. */
  | { readonly kind: 'listed-repository-unknown'; readonly about: Problem }
  /** No matching tag of a repository could be judged, because requests for them failed. So nothing was selected there. */
  | ({ readonly kind: 'selection-unread' } & UnreadTags)
  /** Some matching tags are kept only because requests for them failed. */
  | ({ readonly kind: 'tags-unread' } & UnreadTags)
  /** A glob of `tags` matches no tag, or only tags that are attached to an image by their names. */
  | { readonly kind: 'glob-matches-nothing'; readonly glob: string; readonly belonging: boolean }
  /** Other repositories serve content that is purged or kept here. */
  | {
      readonly kind: 'exposed'
      readonly repository: Repository
      readonly found: readonly Exposed[]
      readonly kept: readonly Digest[]
    }
  /** `on-exposure` is `fail`, and other repositories serve the content or could not be searched. */
  | { readonly kind: 'on-exposure'; readonly about: Problem }
  /** A glob of `search-repositories` could not be resolved. */
  | { readonly kind: 'not-searched'; readonly glob: string; readonly about: Problem }
  /** A glob of `search-repositories` matches no repository. */
  | { readonly kind: 'searched-glob-matches-nothing'; readonly glob: string }
  /** The tags of a repository that `search-repositories` names cannot be listed. */
  | {
      readonly kind: 'searched-repository-unlisted'
      readonly repository: Repository
      readonly why: string
      /** Whether there was a response at all. */
      readonly answered: boolean
    }

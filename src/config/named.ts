import { EMPTY_BLOBS, parseDigest, type Digest } from '../oci/digest.js'
import { parseReference, type Reference, type Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { isHostOf, registryOrigin } from './registry.js'
import type { Named } from './settings.js'
import { list, shown } from './values.js'

/** What `image` and `blobs` say, with the registry that they may name. */
export interface Naming {
  readonly named: readonly Named[]
  /** Undefined where neither `registry` nor a reference names one, or they contradict each other. */
  readonly origin?: string
  readonly problems: readonly string[]
}

const FORMS = '`repository:tag`, `repository@sha256:…` or `repository:tag@sha256:…` is accepted'
const BLOB_FORMS = '`sha256:…` or `repository@sha256:…` is accepted'

/**
 * Reads `image` and `blobs` together: a bare blob digest belongs to the one repository of `image`.
 *
 * @param image text of the input
 * @param blobs text of the input
 * @param registry the origin in `registry`, if it is given and valid
 */
export function readNames(image: string, blobs: string, registry: string | undefined): Naming {
  const problems: string[] = []
  const origins = new Set<string>(registry === undefined ? [] : [registry])
  const isHost = (component: string): boolean => registry === undefined || isHostOf(registry, component)
  const read = (input: string, entry: string, forms: string): Reference | undefined => {
    const reference = parseReference(entry, isHost)
    if (typeof reference === 'string') {
      problems.push(`${input}: ${shown(entry)}: ${reference}; ${forms}`)
      return undefined
    }
    if (reference.host !== undefined) {
      const found =
        registry !== undefined && isHostOf(registry, reference.host)
          ? { value: registry }
          : registryOrigin(reference.host)
      if ('wrong' in found) problems.push(`${input}: ${shown(entry)}: the host is not valid; ${found.wrong}`)
      else origins.add(found.value)
    }
    return reference
  }

  const found = new Collected()
  const images = list(image).flatMap((entry) => read('image', entry, FORMS) ?? [])
  for (const reference of images) {
    const problem = found.add(reference)
    if (problem !== undefined) problems.push(problem)
  }
  const repositories = [...new Set(images.map(({ repository }) => repository))]
  for (const entry of list(blobs)) {
    const bare = parseDigest(entry)
    let repository: Repository | undefined
    let digest = bare
    if (bare === undefined) {
      if (/^sha(?:256|512):/.test(entry)) {
        problems.push(
          `blobs: ${shown(entry)}: the digest must be sha256: and 64 lower-case hex digits; ${BLOB_FORMS}`,
        )
        continue
      }
      const reference = read('blobs', entry, BLOB_FORMS)
      if (reference === undefined) continue
      if (reference.tag !== undefined || reference.digest === undefined) {
        problems.push(`blobs: ${shown(entry)}: a blob has a digest and no tag; ${BLOB_FORMS}`)
        continue
      }
      ;({ repository, digest } = reference)
    } else if (repositories.length === 1) repository = repositories[0]
    else {
      const why =
        repositories.length === 0 ? '`image` names no repository' : '`image` names several repositories'
      problems.push(`blobs: ${shown(entry)}: ${why}, so write \`repository@sha256:…\``)
      continue
    }
    if (repository === undefined || digest === undefined) continue
    if (EMPTY_BLOBS.has(digest))
      problems.push(
        `blobs: ${shown(entry)}: this is a well-known empty blob. It holds no data, everyone shares it, and it is never deleted; remove the line`,
      )
    else {
      const problem = found.addBlob(repository, digest)
      if (problem !== undefined) problems.push(problem)
    }
  }
  if (origins.size > 1)
    problems.push(
      `registry: ${[...origins].join(' and ')} contradict each other: one run is for one registry`,
    )
  const [origin] = origins
  return { named: found.all(), problems, ...(origin !== undefined && origins.size === 1 && { origin }) }
}

interface Mutable {
  readonly repository: Repository
  readonly tags: Map<Tag, Digest | undefined>
  readonly digests: Set<Digest>
  readonly blobs: Set<Digest>
}

/** Entries by repository; what is written twice counts once. */
class Collected {
  readonly #all = new Map<Repository, Mutable>()

  /** @returns what contradicts an earlier entry */
  add({ repository, tag, digest }: Reference): string | undefined {
    const of = this.#of(repository)
    if (tag === undefined) {
      if (digest !== undefined) of.digests.add(digest)
      return undefined
    }
    const before = of.tags.get(tag)
    if (before !== undefined && digest !== undefined && before !== digest)
      return `image: ${repository}:${tag} is written with two digests, ${before} and ${digest}`
    of.tags.set(tag, digest ?? before)
    return undefined
  }

  /** @returns what contradicts an earlier entry */
  addBlob(repository: Repository, digest: Digest): string | undefined {
    const of = this.#of(repository)
    if (of.digests.has(digest) || [...of.tags.values()].includes(digest))
      return `blobs: ${repository}@${digest} stands in \`image\`, too: a digest is a manifest's or a blob's, not both`
    of.blobs.add(digest)
    return undefined
  }

  all(): Named[] {
    return [...this.#all.values()].map(({ repository, tags, digests, blobs }) => ({
      repository,
      tags: [...tags].map(([tag, digest]) => ({ tag, ...(digest !== undefined && { digest }) })),
      digests: [...digests],
      blobs: [...blobs],
    }))
  }

  #of(repository: Repository): Mutable {
    const known = this.#all.get(repository)
    if (known !== undefined) return known
    const fresh: Mutable = { repository, tags: new Map(), digests: new Set(), blobs: new Set() }
    this.#all.set(repository, fresh)
    return fresh
  }
}

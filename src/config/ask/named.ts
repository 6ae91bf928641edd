import { EMPTY_BLOBS, parseDigest, type Digest } from '../../oci/digest.js'
import type { Parsed } from '../../oci/parsed.js'
import { parseReference, type Reference, type Repository } from '../../oci/reference.js'
import type { InputReader } from '../reader.js'
import type { Named } from '../settings.js'
import { isHostOf, parseOrigin } from '../text/registry.js'
import { NamedCollection } from './collection.js'

/** The content that `image` and `blobs` name, and the registry of the run. */
export interface NamedContent {
  readonly named: readonly Named[]
  /** Undefined if no input names a registry, or if they contradict each other. */
  readonly origin?: string
}

/**
 * Reads `image` and `blobs` together, because a bare blob digest belongs to the one repository of `image`.
 *
 * @param registry the origin in `registry`, if it is given and valid
 */
export function readNamed(reader: InputReader, registry: string | undefined): NamedContent {
  const references = new ReferenceReader(reader, registry)
  const collection = new NamedCollection()
  const images = reader.list('image').flatMap((entry) => references.read('image', entry) ?? [])
  for (const reference of images) {
    const contradiction = collection.addImage(reference)
    if (contradiction !== undefined) reader.addProblem('image', contradiction.wrong)
  }
  const repositories = [...new Set(images.map(({ repository }) => repository))]
  for (const entry of reader.list('blobs')) {
    const blob = readBlob(entry, repositories, references)
    if (blob === undefined) continue
    if ('wrong' in blob) {
      reader.addValueProblem('blobs', entry, blob.wrong)
      continue
    }
    const contradiction = collection.addBlob(blob.value.repository, blob.value.digest)
    if (contradiction !== undefined) reader.addProblem('blobs', contradiction.wrong)
  }
  const origin = references.resolveOrigin()
  return { named: collection.all(), ...(origin !== undefined && { origin }) }
}

const FORMS = {
  image: 'write `repository:tag`, `repository@sha256:…` or `repository:tag@sha256:…`',
  blobs: 'write `sha256:…` or `repository@sha256:…`',
} as const

/** Reads references, and collects the registries that they name. */
class ReferenceReader {
  readonly #reader: InputReader
  readonly #registry: string | undefined
  readonly #origins: Set<string>

  constructor(reader: InputReader, registry: string | undefined) {
    this.#reader = reader
    this.#registry = registry
    this.#origins = new Set(registry === undefined ? [] : [registry])
  }

  /** @returns the reference; adds a problem and returns undefined if the entry is not a reference */
  read(input: 'image' | 'blobs', entry: string): Reference | undefined {
    const isHost = (component: string): boolean =>
      this.#registry === undefined || isHostOf(this.#registry, component)
    const reference = parseReference(entry, isHost)
    if ('wrong' in reference) {
      this.#reader.addValueProblem(input, entry, `${reference.wrong}; ${FORMS[input]}`)
      return undefined
    }
    const { host } = reference.value
    const origin = host === undefined ? undefined : this.#originOf(host)
    if (origin !== undefined && 'wrong' in origin)
      this.#reader.addValueProblem(input, entry, `the host is not valid; ${origin.wrong}`)
    else if (origin !== undefined) this.#origins.add(origin.value)
    return reference.value
  }

  /** @returns the only registry that is named; adds a problem and returns undefined if there are several */
  resolveOrigin(): string | undefined {
    const [origin] = this.#origins
    if (this.#origins.size <= 1) return origin
    const all = [...this.#origins].join(' and ')
    this.#reader.addProblem('registry', `${all} contradict each other: one run is for one registry`)
    return undefined
  }

  #originOf(host: string): Parsed<string> {
    return this.#registry !== undefined && isHostOf(this.#registry, host)
      ? { value: this.#registry }
      : parseOrigin(host)
  }
}

interface Blob {
  readonly repository: Repository
  readonly digest: Digest
}

/**
 * Reads one entry of `blobs`.
 *
 * @param repositories the repositories of `image`
 * @returns undefined if a problem was added already
 */
function readBlob(
  entry: string,
  repositories: readonly Repository[],
  references: ReferenceReader,
): Parsed<Blob> | undefined {
  const bare = parseDigest(entry)
  if (bare !== undefined) {
    const [repository, ...others] = repositories
    if (repository === undefined || others.length > 0)
      return {
        wrong: `\`image\` names ${repository === undefined ? 'no repository' : 'several repositories'}, so write \`repository@sha256:…\``,
      }
    return checkBlob({ repository, digest: bare })
  }
  if (/^sha(?:256|512):/.test(entry))
    return { wrong: `the digest must be sha256: and 64 lower-case hex digits; ${FORMS.blobs}` }
  const reference = references.read('blobs', entry)
  if (reference === undefined) return undefined
  const { repository, tag, digest } = reference
  if (tag !== undefined || digest === undefined)
    return { wrong: `a blob has a digest and no tag; ${FORMS.blobs}` }
  return checkBlob({ repository, digest })
}

function checkBlob(blob: Blob): Parsed<Blob> {
  return EMPTY_BLOBS.has(blob.digest)
    ? {
        wrong:
          'this is a well-known empty blob. It holds no data, many images share it, and it is never deleted. Remove the line',
      }
    : { value: blob }
}

import type { Digest } from '../../../../src/oci/digest.js'
import type { Repository } from '../../../../src/oci/reference.js'
import type { Tag } from '../../../../src/oci/tag.js'
import type { Survey, Target } from '../../../../src/survey/facts.js'

/** One manifest as it lies in a made-up registry. What it needs is known only from its bytes. */
export interface Stored {
  readonly digest: Digest
  readonly body: string
  readonly contentType: string
  /** What it was made as. A reader is not told: it has to find out from type and shape. */
  readonly madeAs: 'image' | 'index' | 'artifact' | 'unknown'
  /** How the registry answers for it. An absent one is only written in others. */
  readonly answers: 'whole' | 'absent' | 'unreadable' | 'lie'
  /** The other digest, under another algorithm, of a manifest that was pushed by sha512. */
  readonly twin?: Digest
}

/** Where a tag points, and whether the registry's list has it. */
export interface Pointer {
  readonly at: Digest
  readonly listed: boolean
}

/** A made-up repository: all there is, whether a survey would see it or not. */
export interface World {
  readonly repository: Repository
  readonly stored: ReadonlyMap<Digest, Stored>
  readonly tags: ReadonlyMap<Tag, Pointer>
  /** Whether the registry has the referrers API. */
  readonly referrersApi: boolean
  /** What that API lists besides, although it refers to something else. */
  readonly lies: ReadonlyMap<Digest, readonly Digest[]>
  /** Manifests whose referrers that API cannot list. */
  readonly unclear: ReadonlySet<Digest>
}

/** One repository's part of a made-up purge. */
export interface Purge {
  readonly world: World
  readonly target: Target
}

/** Everything that decides a made-up purge. */
export interface Question {
  readonly purges: readonly Purge[]
  /** Names, or beginnings with a `*`. */
  readonly protectedTags: readonly string[]
  readonly sharedBlobs: 'keep' | 'fail'
  readonly unreadableTags: 'refuse' | 'ignore'
  readonly twinsUnclear: Survey['twinsUnclear']
  readonly deletion: 'on' | 'off' | 'denied' | 'unclear'
  readonly dryRun: boolean
}

const DIGEST = /sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}/g

/** What one manifest names, read naively from its JSON. */
export interface Parts {
  readonly children: readonly Digest[]
  readonly blobs: readonly Digest[]
  readonly config?: Digest
  readonly subject?: Digest
  /** What is needed, nobody knows as what: of an unknown kind every digest in it, of an index the odd entries. */
  readonly written: readonly Digest[]
}

const remembered = new WeakMap<Stored, Parts>()

/** Reads what a manifest names. It is told what the manifest was made as, and needs no rules for kinds. */
export function partsOf(stored: Stored): Parts {
  const parts = remembered.get(stored) ?? read(stored)
  remembered.set(stored, parts)
  return parts
}

function read({ digest, body, madeAs }: Stored): Parts {
  if (madeAs === 'unknown') {
    const unescaped = body.replaceAll('\\u003a', ':')
    const written = [...body.matchAll(DIGEST), ...unescaped.matchAll(DIGEST)].map(([text]) => text as Digest)
    const subject = JSON.parse(body).subject?.digest
    return {
      children: [],
      blobs: [],
      written: written.filter((each) => each !== digest),
      ...(subject && { subject }),
    }
  }
  const json = JSON.parse(body)
  const listed: Descriptor[] = json.manifests ?? []
  const content: Descriptor[] = [json.config ?? [], json.layers ?? [], json.blobs ?? []].flat()
  const isManifest = ({ mediaType }: Descriptor): boolean => /manifest|index/i.test(mediaType)
  const isBlob = ({ mediaType }: Descriptor): boolean => mediaType.includes('.layer.')
  return {
    children: digests(listed.filter(isManifest)),
    blobs: digests([...listed.filter(isBlob), ...content]),
    written: digests(listed.filter((each) => !isManifest(each) && !isBlob(each))),
    ...(json.config && { config: json.config.digest }),
    ...(json.subject && { subject: json.subject.digest }),
  }
}

const digests = (list: readonly Descriptor[]): Digest[] => list.map(({ digest }) => digest)

interface Descriptor {
  readonly digest: Digest
  readonly mediaType: string
}

/** What a tag begins with that belongs by its name to this manifest. */
export function prefixOf(digest: Digest): string {
  return digest.replace(':', '-').slice(0, 'sha256-'.length + 64)
}

/** @returns what a tag that belongs to a manifest by its name begins with: the referrers tag, or one of cosign's */
export function prefixIn(tag: string): string | undefined {
  return /^(sha(?:256|512)-[0-9a-f]{64})(|\.sig|\.att|\.sbom)$/.exec(tag)?.[1]
}

/**
 * Whether a tag is protected, by the only two forms of globs that a question has. One that belongs to an image by its
 * name is protected by its whole name only.
 */
export function isProtected(globs: readonly string[], tag: string): boolean {
  const whole = prefixIn(tag) !== undefined
  return globs.some((glob) =>
    glob.endsWith('*') && !whole ? tag.startsWith(glob.slice(0, -1)) : tag === glob,
  )
}

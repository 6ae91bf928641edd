import type { Digest } from '../../oci/digest.js'
import { subjectKey, type Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import type { Pointers } from '../holders.js'
import { compare } from '../order.js'
import { imageKeysOf } from '../select/image-key.js'
import type { Selected } from '../select/select.js'
import type { Links } from './links.js'

/** Something to name: a tag with its manifest, or a manifest without a tag. */
export interface Name {
  readonly tag?: Tag
  readonly digest: Digest
}

/** The repository in which names are collected. */
export interface Ground {
  readonly facts: Facts
  readonly links: Links
  /** The remaining tags. */
  readonly pointers: Pointers
  /** Those that may not be named. */
  readonly guarded: ReadonlySet<Tag>
  /** What `blobs` names. A tag that points to it is not in the way: then it is no blob, which is refused. */
  readonly blobs: ReadonlySet<Digest>
}

const NONE: ReadonlySet<Digest> = new Set()

/**
 * Collects the remaining tags that have to be named with some images: those that serve a manifest of the images or the
 * same image under another manifest, and those that need something that was named. A tag that is found counts as named,
 * so it leads to further ones. Each manifest is visited twice at most.
 *
 * What is attached to an image may be deleted with it. So the signatures and SBOMs of what is found are found only by
 * `loosen`, if they remain after all others are named.
 */
export class Growth {
  readonly #ground: Ground
  /** Whether attached tags and manifests are found at once, as if they always remained. */
  readonly #eager: boolean
  readonly #names = new Map<Tag | Digest, Name>()
  /** The manifests of the images. */
  readonly #reached = new Set<Digest>()
  /** What needs something that was named, or serves the same image. */
  readonly #above = new Set<Digest>()

  constructor(ground: Ground, eager = false) {
    this.#ground = ground
    this.#eager = eager
  }

  /** What was found: tags first, sorted. */
  get names(): Name[] {
    return [...this.#names.values()].sort(byName)
  }

  /** Adds what has to be named with these manifests, and with what `blobs` names. */
  start(roots: readonly Digest[]): void {
    const { links, blobs } = this.#ground
    this.#grow(roots, this.#besidesBlobs(links.above([...blobs, ...links.users(blobs)], this.#above)))
  }

  /**
   * Adds the attached tags and manifests because of which a plan is still refused. If a remaining image needs a named
   * item only since an untagged manifest refers to the image, this names the manifest and not the image.
   *
   * @param plan what the plan selects that names everything that was found
   * @param blocking the tags because of which it is refused
   * @returns whether anything was found. If not, only tags are blocking that may not be named
   */
  loosen({ reach, whole, holders, named, remaining }: Selected, blocking: readonly Tag[]): boolean {
    const { facts, links, pointers } = this.#ground
    const builds = buildsOf(reach.manifests, this.#ground, whole.manifests)
    const others = builds.filter((each) => !reach.manifests.has(each))
    const over = this.#besidesBlobs(links.above([...named, ...links.users(named), ...others], new Set()))
    const staying = new Set(remaining.map(({ tag }) => tag))
    const before = this.#names.size
    const found = [...reach.manifests, ...over].filter((digest) => {
      const on = links.on(digest).filter((tag) => staying.has(tag))
      return this.#add(digest, on)
    })
    const isNamed = (digest: Digest): boolean =>
      [digest, ...(facts.twins.get(digest) ?? [])].some((each) => named.has(each))
    const untagged = over.filter(
      (digest) =>
        links.isReferrer(digest) &&
        links.on(digest).every((tag) => !staying.has(tag)) &&
        holders.held.has(digest) &&
        !isNamed(digest),
    )
    for (const digest of untagged) this.#names.set(digest, { digest })
    if (this.#names.size === before)
      for (const tag of blocking) found.push(...this.#addTag(tag, pointers.get(tag)))
    this.#grow([...found, ...untagged], [])
    return this.#names.size > before
  }

  /** @param over what needs something that was named, besides what these manifests lead to */
  #grow(roots: readonly Digest[], over: readonly Digest[]): void {
    const { links } = this.#ground
    let open = roots
    let found = over
    while (open.length + found.length > 0) {
      const image = links.below(open, this.#reached)
      const above = links.above([...open, ...links.users(open), ...this.#builds(image)], this.#above)
      open = [...image, ...above, ...found].filter((digest) => this.#take(digest))
      found = []
    }
  }

  #besidesBlobs(digests: readonly Digest[]): Digest[] {
    return digests.filter((digest) => !this.#ground.blobs.has(digest))
  }

  /** Names the tags on a manifest. @returns whether this names something new */
  #take(digest: Digest): boolean {
    const { facts, links } = this.#ground
    const isReferrer = facts.manifests.get(digest)?.subject !== undefined
    const tags = links.on(digest)
    if (this.#eager && tags.length === 0 && links.isReferrer(digest) && !this.#names.has(digest)) {
      this.#names.set(digest, { digest })
      return true
    }
    const firm = isReferrer ? [] : tags.filter((tag) => subjectKey(tag) === undefined)
    return this.#add(digest, this.#eager ? tags : firm)
  }

  #add(digest: Digest, tags: readonly Tag[]): boolean {
    const before = this.#names.size
    for (const tag of tags) this.#addTag(tag, digest)
    return this.#names.size > before
  }

  #addTag(tag: Tag, digest: Digest | undefined): Digest[] {
    if (digest === undefined || this.#ground.guarded.has(tag) || this.#names.has(tag)) return []
    this.#names.set(tag, { tag, digest })
    return [digest]
  }

  /** The manifests that are not part of the images, but are the same image as one of these. */
  #builds(image: readonly Digest[]): Digest[] {
    const { manifests } = this.#ground.facts
    const firm = image.filter((digest) => this.#eager || manifests.get(digest)?.subject === undefined)
    return buildsOf(firm, this.#ground, NONE).filter((digest) => !this.#reached.has(digest))
  }
}

function byName(one: Name, other: Name): number {
  if (one.tag !== undefined && other.tag !== undefined) return compare(one.tag, other.tag)
  return one.tag === other.tag ? compare(one.digest, other.digest) : one.tag === undefined ? 1 : -1
}

/** The manifests that are the same image as one of these. @param whole these, and everything attached to them */
function buildsOf(image: Iterable<Digest>, { facts, links }: Ground, whole: ReadonlySet<Digest>): Digest[] {
  return [...imageKeysOf(image, facts, whole)].flatMap((key) => links.withKey(key))
}

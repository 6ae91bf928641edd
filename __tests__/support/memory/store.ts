import { digestOf } from '../../../testbed/images/content.js'
import { blobsOf, childrenOf } from './manifest.js'

export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** What one repository links to. As in distribution, a link is no content, and content stays when a link goes. */
interface Links {
  readonly blobs: Set<string>
  readonly manifests: Map<string, string>
  /** An empty text stands for a corrupt tag: a link file without a digest in it. */
  readonly tags: Map<string, string>
  /** Manifests that were put by digest, and so need no tag where a registry keeps only what was pushed (Gitea). */
  readonly untagged: Set<string>
  /** Whether a tag was ever written: without that the tag list is NAME_UNKNOWN, after it `null` when empty. */
  everTagged: boolean
}

/** Content by digest, and per repository the links to it. Tests use it without HTTP; it never refuses anything. */
export class MemoryStore {
  readonly #content = new Map<string, Buffer>()
  /** The lengths of dropped content: a cached descriptor still tells them. */
  readonly #dropped = new Map<string, number>()
  /** The media type under which a digest was put last, kept beyond its links: caches serve it with it. */
  readonly #types = new Map<string, string>()
  readonly #repositories = new Map<string, Links>()
  /** Told of each link that is made: replicas warm their caches with it. */
  onLink: (repo: string, digest: string, kind: 'manifest' | 'blob') => void = () => {}

  putBlob(repo: string, content: Buffer | string, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
    const bytes = Buffer.from(content)
    const digest = digestOf(bytes, algorithm)
    // A push by sha512 leaves two links, its own and a canonical sha256 one.
    for (const name of new Set([digest, digestOf(bytes)])) {
      this.#content.set(name, bytes)
      this.linkBlob(repo, name)
    }
    return digest
  }

  /** Makes content that some repository has a blob of this one too, as a cross-repository mount does. */
  linkBlob(repo: string, digest: string): void {
    this.#links(repo).blobs.add(digest)
    this.onLink(repo, digest, 'blob')
  }

  /**
   * `named`: the digest it goes by, where that is not the sha256 of its bytes: a sha512, or for a signed schema 1
   * manifest the hash of its payload.
   */
  putManifest(
    repo: string,
    mediaType: string,
    content: object | string | Buffer,
    tag?: string,
    named?: string,
  ): string {
    const bytes = Buffer.isBuffer(content)
      ? content
      : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
    const digest = named ?? digestOf(bytes)
    this.#content.set(digest, bytes)
    this.#types.set(digest, mediaType)
    this.#links(repo).manifests.set(digest, mediaType)
    this.onLink(repo, digest, 'manifest')
    if (tag === undefined) this.#links(repo).untagged.add(digest)
    else this.tag(repo, tag, digest)
    return digest
  }

  /** Points a tag at a digest, whether or not there is such a manifest (if not, the tag dangles). */
  tag(repo: string, tag: string, digest: string): void {
    const links = this.#links(repo)
    links.tags.set(tag, digest)
    links.everTagged = true
  }

  /** Leaves a tag whose link file is empty: it answers 500 and spoils every manifest deletion in the repository. */
  corruptTag(repo: string, tag: string): void {
    this.tag(repo, tag, '')
  }

  untag(repo: string, tag: string): boolean {
    return this.#repositories.get(repo)?.tags.delete(tag) ?? false
  }

  deleteBlob(repo: string, digest: string): boolean {
    return this.#repositories.get(repo)?.blobs.delete(digest) ?? false
  }

  /** Removes a manifest's link, and every tag on it unless told otherwise. */
  deleteManifest(repo: string, digest: string, keepTags = false): boolean {
    const links = this.#repositories.get(repo)
    if (!links?.manifests.delete(digest)) return false
    links.untagged.delete(digest)
    if (!keepTags) for (const tag of this.tagsOn(repo, digest)) links.tags.delete(tag)
    return true
  }

  /** Whether any repository has it as a blob. */
  isLinked(digest: string): boolean {
    return [...this.#repositories.values()].some(({ blobs }) => blobs.has(digest))
  }

  /**
   * What Gitea does with a manifest when a tag leaves it: without another tag, and without a push by its digest, it goes
   * at once, with the blobs that no other manifest of the repository names.
   */
  deleteIfUnversioned(repo: string, digest: string, pushedByDigest = false): void {
    if (this.tagsOn(repo, digest).length > 0) return
    if (!pushedByDigest && this.#links(repo).untagged.has(digest)) return
    const bytes = this.manifest(repo, digest)?.bytes
    this.deleteManifest(repo, digest)
    for (const blob of bytes === undefined ? [] : blobsOf(bytes))
      if (!this.isReferenced(repo, blob)) this.deleteBlob(repo, blob)
  }

  /** Takes the bytes away under all links, as garbage collection or a lost disk does. */
  dropContent(digest: string): void {
    this.#dropped.set(digest, this.#content.get(digest)?.length ?? 0)
    this.#content.delete(digest)
  }

  /** The length of content, dropped or not. */
  size(digest: string): number {
    return this.#content.get(digest)?.length ?? this.#dropped.get(digest) ?? 0
  }

  content(digest: string): Buffer | undefined {
    return this.#content.get(digest)
  }

  mediaType(digest: string): string | undefined {
    return this.#types.get(digest)
  }

  linksBlob(repo: string, digest: string): boolean {
    return this.#repositories.get(repo)?.blobs.has(digest) ?? false
  }

  linksManifest(repo: string, digest: string): boolean {
    return this.#repositories.get(repo)?.manifests.has(digest) ?? false
  }

  hasBlob(repo: string, digest: string): boolean {
    return this.linksBlob(repo, digest) && this.#content.has(digest)
  }

  hasManifest(repo: string, digest: string): boolean {
    return this.linksManifest(repo, digest) && this.#content.has(digest)
  }

  blob(repo: string, digest: string): Buffer | undefined {
    return this.linksBlob(repo, digest) ? this.#content.get(digest) : undefined
  }

  /** A manifest by tag or digest. */
  manifest(repo: string, reference: string): StoredManifest | undefined {
    const links = this.#repositories.get(repo)
    const digest = links?.tags.get(reference) ?? reference
    const mediaType = links?.manifests.get(digest)
    const bytes = this.#content.get(digest)
    return mediaType === undefined || bytes === undefined ? undefined : { digest, mediaType, bytes }
  }

  /** The digest a tag points to; an empty text for a corrupt tag. */
  resolve(repo: string, tag: string): string | undefined {
    return this.#repositories.get(repo)?.tags.get(tag)
  }

  /** All tags in the order of their bytes; undefined where no tag was ever written. */
  listed(repo: string): string[] | undefined {
    const links = this.#repositories.get(repo)
    return links?.everTagged ? [...links.tags.keys()].sort() : undefined
  }

  tags(repo: string): string[] {
    return this.listed(repo) ?? []
  }

  tagsOn(repo: string, digest: string): string[] {
    const tags = this.#repositories.get(repo)?.tags ?? new Map<string, string>()
    return [...tags].flatMap(([tag, target]) => (target === digest ? [tag] : []))
  }

  hasCorruptTag(repo: string): boolean {
    return this.tagsOn(repo, '').length > 0
  }

  manifests(repo: string): StoredManifest[] {
    const digests = [...(this.#repositories.get(repo)?.manifests.keys() ?? [])]
    return digests.flatMap((digest) => this.manifest(repo, digest) ?? [])
  }

  knows(repo: string): boolean {
    return this.#repositories.has(repo)
  }

  repositories(): string[] {
    return [...this.#repositories.keys()].sort()
  }

  /** Repositories that ever held a manifest: what 3.x lists in its catalog. */
  hasManifests(repo: string): boolean {
    const links = this.#repositories.get(repo)
    return links !== undefined && (links.everTagged || links.manifests.size > 0)
  }

  /** The indexes of this repository that list a manifest, tagged or not. */
  parentsOf(repo: string, digest: string): string[] {
    return this.manifests(repo)
      .filter((manifest) => childrenOf(manifest.bytes).includes(digest))
      .map((manifest) => manifest.digest)
  }

  /** Whether any manifest of this repository, tagged or not, names a digest as config or layer. */
  isReferenced(repo: string, digest: string): boolean {
    return this.manifests(repo).some((manifest) => blobsOf(manifest.bytes).includes(digest))
  }

  /** Everything that is linked, as a plain value: two equal snapshots prove that nothing was written. */
  snapshot(): Record<string, { tags: Record<string, string>; manifests: string[]; blobs: string[] }> {
    return Object.fromEntries(
      this.repositories().map((repo) => {
        const links = this.#links(repo)
        const tags = Object.fromEntries([...links.tags].sort(([a], [b]) => (a < b ? -1 : 1)))
        return [repo, { tags, manifests: [...links.manifests.keys()].sort(), blobs: [...links.blobs].sort() }]
      }),
    )
  }

  /** Every pair of repository and digest that is linked now. */
  *linked(): Generator<[repo: string, digest: string, kind: 'manifest' | 'blob']> {
    for (const [repo, links] of this.#repositories) {
      for (const digest of links.blobs) yield [repo, digest, 'blob']
      for (const digest of links.manifests.keys()) yield [repo, digest, 'manifest']
    }
  }

  #links(repo: string): Links {
    let links = this.#repositories.get(repo)
    if (links === undefined) {
      links = {
        blobs: new Set(),
        manifests: new Map(),
        tags: new Map(),
        untagged: new Set(),
        everTagged: false,
      }
      this.#repositories.set(repo, links)
    }
    return links
  }
}

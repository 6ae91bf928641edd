import type { Digest } from '../oci/digest.js'
import { reach } from '../oci/graph.js'
import type { Tag } from '../oci/tag.js'
import type { Client } from '../registry/client.js'
import { each } from '../registry/limit.js'
import type { Random } from '../registry/time.js'
import { probe } from './capabilities.js'
import type { Facts, Survey, TagState, Target } from './facts.js'
import { Reader } from './read.js'
import { listTags, UnknownRepository } from './tags.js'

/** What a repository's reads need. */
export interface Scope {
  readonly client: Client
  readonly target: Target
  /** Plain names in `protected-tags`: asked for by name, since a list can leave tags out. */
  readonly protectedNames: readonly Tag[]
  /** Requests at a time. */
  readonly width: number
  readonly random: Random
}

const LISTINGS = 3

/** Surveys one repository and can look at it again later: reads only, decides nothing. */
export class Surveyor {
  readonly #scope: Scope
  #reader: Reader

  constructor(scope: Scope) {
    this.#scope = scope
    this.#reader = new Reader(scope.client, scope.target.repository)
  }

  /**
   * Lists the tags.
   *
   * @throws ListError, WireError
   */
  list(): Promise<Tag[]> {
    return listTags(this.#scope.client, this.#scope.target.repository)
  }

  /**
   * Reads every listed tag, every named one, all manifests below them, and probes deletion.
   *
   * @param listed what `list` returned
   * @throws ListError, WireError where the registry as a whole does not answer
   */
  async survey(listed: readonly Tag[]): Promise<Survey> {
    const { client, target, random } = this.#scope
    const deletion = probe(client, target.repository, random)
    deletion.catch(() => undefined)
    const named = target.tags.map(({ tag }) => tag)
    const tags = await this.#read(new Set([...listed, ...named, ...this.#scope.protectedNames]))
    await each(rootsOf(target), this.#scope.width, (digest) => this.#reader.digest(digest))

    // A tag that resolves must be in its own list: one that is not shows that the list leaves tags out.
    let list = listed
    const lacks = (): boolean => named.some((tag) => tags.get(tag)?.is === 'resolved' && !list.includes(tag))
    for (let listings = 1; listings < LISTINGS && lacks(); listings++) {
      list = await this.list()
      const found = await this.#read(new Set(list.filter((tag) => !tags.has(tag))))
      for (const [tag, state] of found) tags.set(tag, state)
    }
    return { ...this.#facts(list, tags), ...(await deletion) }
  }

  /**
   * Looks again: lists anew, reads what is new and what must be certain. Manifests that are known are not read again.
   *
   * @param before what was known
   * @param which `named`: the named tags, new ones, and those that did not resolve; `all`: every tag but the named ones
   *   that are no longer listed
   * @throws ListError, WireError
   */
  async look(before: Facts, which: 'named' | 'all'): Promise<Facts> {
    const { client, target } = this.#scope
    this.#reader = new Reader(client, target.repository, this.#reader)
    const named = new Set(target.tags.map(({ tag }) => tag))
    const listed = await this.#listOrNothing(before, named)
    const wanted = new Set(listed.filter((tag) => which === 'all' || !before.tags.has(tag)))
    for (const [tag, { is }] of before.tags) {
      if (which === 'named' ? named.has(tag) || is !== 'resolved' : !named.has(tag)) wanted.add(tag)
    }
    const tags = await this.#read(wanted)
    if (which === 'all') await this.#reader.refer(this.#remaining(tags, named), this.#scope.width)
    if (which === 'named') for (const [tag, state] of before.tags) if (!tags.has(tag)) tags.set(tag, state)
    return this.#facts(listed, tags)
  }

  /** Every manifest that a tag which was not named reaches. */
  #remaining(tags: ReadonlyMap<Tag, TagState>, named: ReadonlySet<Tag>): ReadonlySet<Digest> {
    const roots = [...tags].flatMap(([tag, state]) =>
      state.is === 'resolved' && !named.has(tag) ? [state.digest] : [],
    )
    return reach(roots, this.#reader, true).manifests
  }

  /** Some registries forget a repository with its last tag. Where others must be there, that is no answer. */
  async #listOrNothing(before: Facts, named: ReadonlySet<Tag>): Promise<Tag[]> {
    try {
      return await this.list()
    } catch (error) {
      if (!(error instanceof UnknownRepository)) throw error
      if ([...before.tags].some(([tag, { is }]) => !named.has(tag) && is === 'resolved')) throw error
      return []
    }
  }

  /** Asks for one tag, on its own. @throws WireError only when the run is to stop */
  tag(tag: Tag): Promise<TagState> {
    return this.#reader.tag(tag)
  }

  async #read(wanted: ReadonlySet<Tag>): Promise<Map<Tag, TagState>> {
    const list = [...wanted]
    const states = await each(list, this.#scope.width, (tag) => this.#reader.tag(tag))
    return new Map(list.map((tag, at) => [tag, states[at] as TagState]))
  }

  #facts(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>): Facts {
    const { manifests, missing, referrers, referrersUnclear } = this.#reader
    return {
      repository: this.#scope.target.repository,
      listed,
      tags,
      manifests,
      missing,
      referrers,
      referrersUnclear,
    }
  }
}

function rootsOf(target: Target): Digest[] {
  const pinned = target.tags.flatMap(({ digest }) => (digest === undefined ? [] : [digest]))
  return [...new Set([...target.digests, ...pinned])]
}

import type { Settings } from '../config/settings.js'
import type { Repository } from '../oci/reference.js'
import type { RepositoryPlan } from '../plan/plan.js'
import { describe, WireError } from '../registry/errors.js'
import type { RepositoryEntry } from '../report/report.js'
import { count, some } from '../report/text.js'
import type { Ports } from './repository.js'
import { CatalogError, listRepositories } from '../survey/catalog.js'
import { search, type Found, type Wanted } from '../survey/search.js'

const HOLDERS = 8

/** What the search of the other repositories came to, for one purged repository. */
interface Exposure {
  readonly found: readonly Found[]
  readonly sentences: readonly string[]
}

/**
 * Looks in other repositories for what is purged and for what is kept: a layer that was mounted elsewhere is still
 * served there when the purged repository answers 404.
 */
export class Exposures {
  readonly #settings: Settings
  readonly #ports: Ports
  #where: { repositories: readonly Repository[]; unclear: readonly string[] } | undefined
  /** What was last said of each purged repository. */
  readonly #said = new Map<string, readonly string[]>()

  constructor(settings: Settings, ports: Ports) {
    this.#settings = settings
    this.#ports = ports
  }

  /** Whether other repositories were asked for anything. */
  get looked(): boolean {
    return (this.#where?.repositories ?? []).length > 0
  }

  /**
   * Searches, and takes down what was found in the report's entries. What an earlier search said is replaced.
   *
   * @param purging repositories of this run, of which what is purged there counts as gone
   * @returns why `on-exposure: fail` stands in the way, a sentence each; empty where it does not
   * @throws Stopped
   */
  async look(
    plans: readonly RepositoryPlan[],
    entries: readonly RepositoryEntry[],
    purging: ReadonlySet<Repository>,
  ): Promise<string[]> {
    if (this.#settings.searched.length === 0) return []
    if (this.#settings.scope === 'tag') {
      this.#ports.log.notice('search-repositories: `scope: tag` purges no content, so nothing was searched')
      return []
    }
    this.#where ??= await this.#resolve()
    const failures: string[] = []
    for (const [at, plan] of plans.entries()) {
      const entry = entries[at]
      if (entry === undefined) continue
      const exposure = await this.#search(plan, plans, purging)
      failures.push(...this.#take(entry, exposure))
    }
    return failures
  }

  /** Writes out the globs. What matches nothing is said: nothing would be searched, and nobody would notice. */
  async #resolve(): Promise<{ repositories: readonly Repository[]; unclear: readonly string[] }> {
    const { searched } = this.#settings
    const repositories = new Set<Repository>()
    const unclear: string[] = []
    let catalog: readonly Repository[] | undefined
    for (const entry of searched) {
      if ('name' in entry) {
        repositories.add(entry.name)
        const doubt = await this.#doubt(entry.name)
        if (doubt !== undefined) unclear.push(doubt)
        continue
      }
      try {
        catalog ??= await listRepositories(this.#ports.client)
      } catch (error) {
        if (!(error instanceof CatalogError || error instanceof WireError)) throw error
        unclear.push(`search-repositories: ${entry.glob.text} was not searched: ${error.message}`)
        continue
      }
      const matching = catalog.filter((name) => entry.glob.matches(name))
      if (matching.length === 0)
        unclear.push(
          `search-repositories: ${entry.glob.text} matches no repository, so nothing was searched for it`,
        )
      for (const name of matching) repositories.add(name)
    }
    return { repositories: [...repositories], unclear }
  }

  /** @returns why a name that is written may be misspelt, or undefined */
  async #doubt(name: Repository): Promise<string | undefined> {
    const what = `search-repositories: the tags of ${name} cannot be listed`
    const way = 'If that name is misspelt, nothing was searched for it'
    try {
      const page = await this.#ports.client.tagPage(name, undefined, { purpose: 'list-tags' })
      return page.status === 200 ? undefined : `${what} (${describe(page)}). ${way}`
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return `${what}: ${error.message}. ${way}`
    }
  }

  async #search(
    plan: RepositoryPlan,
    plans: readonly RepositoryPlan[],
    purging: ReadonlySet<Repository>,
  ): Promise<Exposure> {
    const { client, log } = this.#ports
    const { repositories = [], unclear = [] } = this.#where ?? {}
    const found: Found[] = []
    const sentences = [...unclear]
    const wanted: Wanted[] = [
      ...plan.manifests.map(({ digest }): Wanted => ({ digest, kind: 'manifest' })),
      ...plan.blobs.map(({ digest }): Wanted => ({ digest, kind: 'blob' })),
      ...plan.kept.map(({ digest, kind }): Wanted => ({ digest, kind })),
    ]
    const others = repositories.filter((name) => name !== plan.repository)
    for (const name of others) {
      // What this run purges there as well is proven there.
      const own = plans.find(({ repository }) => repository === name && purging.has(repository))
      const goes = new Set([...(own?.manifests ?? []), ...(own?.blobs ?? [])].map(({ digest }) => digest))
      const open = wanted.filter(({ digest }) => !goes.has(digest))
      const result = await search(client, name, open, this.#settings.concurrency)
      found.push(...result.found)
      sentences.push(...result.unclear)
    }
    log.info(
      `${plan.repository}: ${count(wanted.length, 'digest')} looked for in ${others.length} other ${others.length === 1 ? 'repository' : 'repositories'}, ${found.length} found`,
    )
    if (found.length > 0) sentences.push(tell(plan, found))
    return { found, sentences }
  }

  #take(entry: RepositoryEntry, { found, sentences }: Exposure): string[] {
    entry.exposed = found.map(({ repository, digest, heldBy }) => ({
      repository,
      digest,
      heldBy: heldBy.map(({ tag }) => tag),
    }))
    const before = new Set(this.#said.get(entry.name))
    entry.warnings = entry.warnings.filter((warning) => !before.has(warning))
    this.#said.set(entry.name, sentences)
    if (this.#settings.onExposure === 'fail')
      return sentences.map((sentence) => `on-exposure is \`fail\`: ${sentence}`)
    entry.warnings.push(...sentences)
    return []
  }
}

/** What is served elsewhere, and lines for a next run that purge what this one purges. */
function tell(plan: RepositoryPlan, found: readonly Found[]): string {
  const kept = new Set(plan.kept.map(({ digest }) => digest))
  const lines = found.map(({ repository, digest, heldBy }) => {
    const tags = heldBy.map(({ tag }) => tag)
    const holders = tags.length === 0 ? 'no tag that could be read' : some(tags, HOLDERS)
    return `  ${repository}@${digest}, held by ${holders}${kept.has(digest) ? ' (kept here as well)' : ''}`
  })
  const leaked = found.filter(({ digest }) => !kept.has(digest))
  return [
    `EXPOSED: other repositories serve ${count(new Set(found.map(({ digest }) => digest)).size, 'digest')} that belong to what is purged in ${plan.repository}:`,
    ...lines,
    ...nextRun(leaked),
  ].join('\n')
}

function nextRun(found: readonly Found[]): string[] {
  const images = new Set<string>()
  const blobs = new Set<string>()
  for (const { repository, digest, kind, heldBy } of found) {
    for (const { tag, root } of heldBy) images.add(`${repository}:${tag}@${root}`)
    if (heldBy.length === 0) (kind === 'manifest' ? images : blobs).add(`${repository}@${digest}`)
  }
  if (images.size + blobs.size === 0) return []
  return [
    'To purge what holds them there, a next run takes these lines. Read its dry run first: whole images go.',
    ...(images.size > 0 ? ['image: |', ...[...images].map((line) => `  ${line}`)] : []),
    ...(blobs.size > 0 ? ['blobs: |', ...[...blobs].map((line) => `  ${line}`)] : []),
  ]
}

import { ociImage, type Image, type ImageOptions } from '../../testbed/images/image.js'
import { pushImage } from './push.js'
import type { MemoryStore } from './memory/store.js'

export interface ReferenceScene {
  readonly repo: string
  /** On `latest` and `stable`. */
  readonly latest: Image
  readonly v100: Image
  readonly v110: Image
  /** On `debug-42`: a config, two layers of its own and two that it shares with `latest`. */
  readonly leak: Image
  /** Tag → digest. */
  readonly tags: Readonly<Record<string, string>>
  /** What a purge of `debug-42` takes away: manifest, config and its own two layers. */
  readonly gone: readonly string[]
  /** What it must leave, since `latest` and `stable` need it: the two base layers. */
  readonly kept: readonly string[]
}

/** The repository that the documentation and most tests speak of. `build` makes it of Docker images instead. */
export function referenceScene(
  store: MemoryStore,
  repo = 'acme/search-indexer',
  build: (seed: string, options: ImageOptions) => Image = ociImage,
): ReferenceScene {
  const base = ['base/1', 'base/2']
  const latest = build('latest', { layers: [...base, 'latest/app'], created: '2026-03-01T00:00:00Z' })
  const v100 = build('v1.0.0', { created: '2026-01-01T00:00:00Z' })
  const v110 = build('v1.1.0', { created: '2026-02-01T00:00:00Z' })
  const leak = build('debug-42', {
    layers: [...base, 'debug-42/tools', 'debug-42/secret'],
    created: '2026-03-02T00:00:00Z',
    secret: 'hunter2-do-not-print',
  })
  const images = { latest, stable: latest, 'v1.0.0': v100, 'v1.1.0': v110, 'debug-42': leak }
  for (const [tag, image] of Object.entries(images)) pushImage(store, repo, image, tag)

  const own = leak.layers.slice(base.length)
  return {
    repo,
    latest,
    v100,
    v110,
    leak,
    tags: Object.fromEntries(Object.entries(images).map(([tag, { digest }]) => [tag, digest])),
    gone: [leak, leak.config, ...own].flatMap((content) => content?.digest ?? []),
    kept: leak.layers.slice(0, base.length).map(({ digest }) => digest),
  }
}

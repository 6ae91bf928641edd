import fc from 'fast-check'
import { OCI_INDEX, OCI_MANIFEST } from '../../testbed/images/media-types.js'
import { type MemoryStore } from '../support/memory-registry.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { brokenText, shortText } from './hostile-text.js'

/** What somebody pushed who means harm: the registry hands it out as it is. */
export interface Odd {
  readonly kind: 'type' | 'child' | 'annotated' | 'attached' | 'key'
  readonly text: string
}

export const odd: fc.Arbitrary<Odd> = fc.record({
  kind: fc.constantFrom<Odd['kind']>('type', 'child', 'annotated', 'annotated', 'attached', 'key'),
  text: fc.oneof(shortText, brokenText),
})

export interface Scene extends ReferenceScene {
  /** Tags of odd content. */
  readonly odd: readonly string[]
  /** What of the images that must stay there has to be, by tag. */
  readonly needed: ReadonlyMap<string, { readonly root: string; readonly blobs: readonly string[] }>
}

const OTHER = 'acme/other'

/** The reference scene, a second repository with the same base layers, and odd content beside them. */
export function fuzzScene(store: MemoryStore, oddities: readonly Odd[]): Scene {
  const scene = referenceScene(store)
  for (const digest of scene.kept) store.linkBlob(OTHER, digest)
  store.putManifest(OTHER, OCI_MANIFEST, imageOf(store, OTHER, scene.kept), 'main')
  const odd = oddities.map((each, at) => {
    const tag = `odd-${at}`
    store.putManifest(
      scene.repo,
      each.kind === 'annotated' || each.kind === 'attached' ? OCI_MANIFEST : typeOf(each),
      contentOf(store, scene, each),
      tag,
    )
    return tag
  })
  const { latest, v100, v110 } = scene
  const images = Object.entries({ latest, stable: latest, 'v1.0.0': v100, 'v1.1.0': v110 })
  const needed = images.map(([tag, image]) => {
    const blobs = [image.config, ...image.layers].flatMap((content) => content?.digest ?? [])
    return [tag, { root: image.digest, blobs }] as const
  })
  return { ...scene, odd, needed: new Map(needed) }
}

const typeOf = ({ kind }: Odd): string => (kind === 'child' ? OCI_INDEX : 'application/json')

function imageOf(store: MemoryStore, repo: string, layers: readonly string[], more: object = {}): object {
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: store.putBlob(repo, '{"odd":true}'),
      size: 12,
    },
    layers: layers.map((digest) => ({ mediaType, digest, size: store.size(digest) })),
    ...more,
  }
}

function contentOf(store: MemoryStore, { repo, leak }: ReferenceScene, { kind, text }: Odd): object {
  const annotations = { [text]: text, 'org.opencontainers.image.title': text }
  const layer = store.putBlob(repo, text)
  switch (kind) {
    case 'type':
      return { schemaVersion: 2, mediaType: text, annotations }
    case 'child': {
      const digest = `sha256:${Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64)}`
      const child = { mediaType: `application/${text}.manifest`, digest, size: 1, annotations, urls: [text] }
      return { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child], annotations }
    }
    case 'annotated':
      return imageOf(store, repo, [layer], { annotations, artifactType: text })
    case 'attached':
      return imageOf(store, repo, [layer], {
        annotations,
        artifactType: text,
        subject: { mediaType: OCI_MANIFEST, digest: leak.digest, size: leak.size },
      })
    case 'key':
      return imageOf(store, repo, [layer], { Layers: [], MediaType: text, [text]: text })
  }
}

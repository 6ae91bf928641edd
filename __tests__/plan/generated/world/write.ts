import { createHash } from 'node:crypto'
import { sha256, type Digest } from '../../../../src/oci/digest.js'
import type { Stored } from './world.js'

/** How one manifest is to be written. Numbers choose among what was written before it. */
export interface Recipe {
  readonly kind: 'image' | 'index' | 'artifact' | 'empty-config' | 'unknown'
  readonly docker: boolean
  /** How the JSON is spelt, and of an unknown kind what is unknown about it. */
  readonly spelling: number
  readonly layers: readonly number[]
  readonly children: readonly number[]
  /** Takes the config of an earlier image instead of its own. */
  readonly configOf: number | undefined
  readonly emptyLayer: number | undefined
  readonly manifestAsLayer: number | undefined
  readonly subject: number | undefined
  readonly layersInIndex: readonly number[]
  /** An index that lists one of the empty blobs as if that were a manifest. */
  readonly emptyChild: number | undefined
  /** An index with an attestation manifest beside its images. */
  readonly attestation: boolean
  readonly answers: Stored['answers']
}

/** The well-known empty blobs, worked out from what they hold where that is known. */
export const EMPTIES: readonly Digest[] = [
  sha256('{}'),
  sha256(''),
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4' as Digest,
  'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1' as Digest,
]

/** So few different layers are drawn from that images share them. */
const LAYERS = 10

const OCI = 'application/vnd.oci.image'
const DOCKER = 'application/vnd.docker.distribution.manifest'
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
const TYPES = {
  image: [`${OCI}.manifest.v1+json`, `${DOCKER}.v2+json`],
  index: [`${OCI}.index.v1+json`, `${DOCKER}.list.v2+json`],
  artifact: 'application/vnd.oci.artifact.manifest.v1+json',
} as const

/** How an index may call a manifest of a kind that nobody knows: as a manifest of some sort, or as anything. */
const ODD = ['application/vnd.example.manifest.v1+json', 'application/vnd.example.odd.v1+json'] as const

/** The digest of a blob that is known by name. */
export function blob(name: string): Digest {
  return sha256(`blob ${name}`)
}

/** The digest under sha512 of the same bytes. */
export function sha512(text: string): Digest {
  return `sha512:${createHash('sha512').update(text).digest('hex')}` as Digest
}

/** The layers that are known by two digests, with the other one of each. */
export const TWINS: ReadonlyMap<Digest, Digest> = new Map(
  ['a', 'b', 'c'].flatMap((name): [Digest, Digest][] => {
    const [one, other] = [blob(`known twice ${name}`), sha512(`blob known twice ${name}`)]
    return [
      [one, other],
      [other, one],
    ]
  }),
)

/** A layer of few, of which a few more are known by either of two digests. */
function layer(at: number): Digest {
  if (at % 25 < 23) return blob(`layer ${at % LAYERS}`)
  const [by256, by512] = [...TWINS].filter(([digest]) => digest.startsWith('sha256:'))[at % 3] ?? []
  return (at % 25 === 23 ? by256 : by512) as Digest
}

/**
 * Writes a manifest by its recipe.
 *
 * @param number of the recipe: no two manifests have the same bytes
 * @param before what was written before, which it may refer to
 * @returns the manifest, last, and the attestation manifest that it may bring along
 */
export function write(recipe: Recipe, number: number, before: readonly Stored[]): Stored[] {
  const { kind } = recipe
  const wanted = kind === 'index' && before.length === 0 ? 'image' : kind
  if (wanted === 'unknown') return [unknown(recipe, number, before)]
  if (wanted === 'artifact') return [artifact(recipe, number, before)]
  if (wanted === 'index') return index(recipe, number, before)
  return [image({ ...recipe, kind: wanted }, number, before)]
}

function image(recipe: Recipe, number: number, before: readonly Stored[]): Stored {
  const { docker, layers, configOf, emptyLayer, manifestAsLayer } = recipe
  const oci = !docker || recipe.kind === 'empty-config'
  const config =
    recipe.kind === 'empty-config'
      ? { mediaType: 'application/vnd.oci.empty.v1+json', digest: EMPTIES[0], size: 2 }
      : descriptor(
          `${OCI}.config.v1+json`,
          blob(`config of ${configOf === undefined ? number : configOf % 10}`),
        )
  const own = blob(`own layer of ${number}`)
  const type = oci ? `${OCI}.layer.v1.tar+gzip` : DOCKER_LAYER
  const empty = emptyLayer === undefined ? [] : [pick(EMPTIES, emptyLayer)]
  const odd = before.filter(({ answers }) => answers === 'whole' || answers === 'absent')
  const manifest =
    manifestAsLayer === undefined || odd.length === 0 ? [] : [pick(odd, manifestAsLayer).digest]
  const digests = [...layers.map(layer), own, ...empty, ...manifest]
  const mediaType = TYPES.image[oci ? 0 : 1]
  return spell(recipe, 'image', mediaType, {
    config,
    layers: digests.map((digest) => descriptor(type, digest)),
    ...(oci && { ...subjectOf(recipe, before), annotations: { number: String(number) } }),
  })
}

function index(recipe: Recipe, number: number, before: readonly Stored[]): Stored[] {
  const { children, docker, attestation, layersInIndex, emptyChild } = recipe
  const oci = !docker || attestation || layersInIndex.length > 0
  const attesting = attestation
    ? image(
        { ...recipe, kind: 'image', docker: false, subject: undefined, configOf: undefined },
        1000 + number,
        [],
      )
    : undefined
  const manifests = [...new Set(children.map((at) => pick(before, at)))].map(entry)
  if (attesting !== undefined)
    manifests.push({
      ...descriptor(attesting.contentType, attesting.digest),
      platform: { architecture: 'unknown', os: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    })
  if (emptyChild !== undefined) manifests.push(descriptor(TYPES.image[0], pick(EMPTIES, emptyChild)))
  for (const at of layersInIndex)
    manifests.push(descriptor(`${OCI}.layer.v1.tar+zstd`, blob(`layer ${at % LAYERS}`)))
  const written = spell(recipe, 'index', TYPES.index[oci ? 0 : 1], {
    manifests,
    ...(oci && { ...subjectOf(recipe, before), annotations: { number: String(number) } }),
  })
  return [...(attesting === undefined ? [] : [{ ...attesting, answers: 'whole' as const }]), written]
}

function artifact(recipe: Recipe, number: number, before: readonly Stored[]): Stored {
  const blobs = [...recipe.layers.map(layer), blob(`own layer of ${number}`)]
  return spell(recipe, 'artifact', TYPES.artifact, {
    artifactType: 'application/vnd.example.sbom',
    blobs: blobs.map((digest) => descriptor('application/octet-stream', digest)),
    annotations: { number: String(number) },
    ...subjectOf(recipe, before),
  })
}

/** What no reader may take for one of the known kinds; all that it needs is what is written in it. */
function unknown(recipe: Recipe, number: number, before: readonly Stored[]): Stored {
  const { children, layers, spelling, answers } = recipe
  const digests = [
    ...(before.length === 0 ? [] : children.map((at) => pick(before, at).digest)),
    ...layers.map(layer),
  ]
  const entries = digests.map((digest) => descriptor(TYPES.image[0], digest))
  const odd = pick(ODD, number)
  const forms = [
    [odd, JSON.stringify({ number, ...subjectOf(recipe, before), deep: [{ er: digests }] })],
    [odd, JSON.stringify({ number, manifests: entries, layers: entries, config: entries[0] })],
    ['application/json', JSON.stringify({ number, mediaType: odd, text: `see ${digests.join(' ')}` })],
    [`${odd}; charset=utf-8`, JSON.stringify({ number, digests }).replaceAll(/(sha\d+):/g, '$1\\u003a')],
  ] as const
  const [contentType, body] = pick(forms, spelling)
  return { digest: sha256(body), body, contentType, madeAs: 'unknown', answers }
}

/** Writes a referrers index, as clients do where there is no API for referrers. */
export function referrersIndex(listed: readonly Stored[]): Stored {
  const manifests = listed.map(entry)
  const body = JSON.stringify({ schemaVersion: 2, mediaType: TYPES.index[0], manifests })
  return { digest: sha256(body), body, contentType: TYPES.index[0], madeAs: 'index', answers: 'whole' }
}

/** Writes the JSON in one of the ways in which builders and registries do. */
function spell(
  { spelling, answers }: Recipe,
  madeAs: Stored['madeAs'],
  mediaType: string,
  parts: Readonly<Record<string, unknown>>,
): Stored {
  const bare = spelling === 1 && mediaType.startsWith(OCI)
  const json = { schemaVersion: 2, ...(!bare && { mediaType }), ...parts }
  const body = spelling === 2 ? `${JSON.stringify(json, null, 3)}\n` : JSON.stringify(json)
  const contentType = spelling === 3 ? `${mediaType.toUpperCase()}; charset=utf-8` : mediaType
  return { digest: sha256(body), body, contentType, madeAs, answers }
}

function subjectOf({ subject }: Recipe, before: readonly Stored[]): { subject?: Descriptor } {
  if (subject === undefined || before.length === 0) return {}
  const { digest } = pick(before, subject)
  return { subject: descriptor(TYPES.image[0], digest) }
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest | undefined
  readonly size: number
  readonly platform?: object
  readonly annotations?: object
}

function descriptor(mediaType: string, digest: Digest): Descriptor {
  return { mediaType, digest, size: 1234 }
}

/** How an index lists a manifest. */
function entry({ digest, contentType, madeAs }: Stored): Descriptor {
  const type = contentType.split(';')[0]?.toLowerCase() ?? ''
  return descriptor(madeAs === 'unknown' ? 'application/vnd.example.odd.manifest' : type, digest)
}

function pick<T>(list: readonly T[], at: number): T {
  return list[at % list.length] as T
}

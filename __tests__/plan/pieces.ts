import { expect } from '@jest/globals'
import { sha256, type Digest } from '../../src/oci/digest.js'
import { compileTagGlob, type Glob } from '../../src/oci/glob.js'
import { parseManifest, type Manifest } from '../../src/oci/manifest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { planRepository } from '../../src/plan/decide.js'
import type { Asked, RepositoryPlan, Rules } from '../../src/plan/plan.js'
import type { Problem, ProblemKind } from '../../src/plan/problem.js'
import type { Survey, TagState } from '../../src/survey/facts.js'

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX = 'application/vnd.oci.image.index.v1+json'
export const ODD = 'application/vnd.example.odd.v1+json'
const OCI = 'application/vnd.oci.image'

export const repository = 'acme/app' as Repository

/** Why something could not be read, and why it contradicts itself. */
export const BROKE = { is: 'refused', answered: '500' } as const
export const OTHER_BYTES = { is: 'other-bytes', named: sha256('named'), digest: sha256('other') } as const

export function manifest(type: string, json: object): Manifest {
  const parsed = parseManifest(Buffer.from(JSON.stringify(json)), type)
  if ('unusable' in parsed) throw new Error(parsed.unusable.is)
  return parsed
}

/** Where a manifest may be meant, or only its digest. */
export type Place = Manifest | Digest

export const at = (place: Place): Digest => (typeof place === 'string' ? place : place.digest)

const subject = (of: Place | undefined): object =>
  of === undefined ? {} : { subject: { digest: at(of), mediaType: IMAGE } }

/** An image with a config and a layer of its own, and perhaps further layers, each by its name. */
export function image(
  name: string,
  { layers = [], of, config = `config of ${name}` }: { layers?: string[]; of?: Place; config?: string } = {},
): Manifest {
  return manifest(IMAGE, {
    config: { digest: sha256(config), mediaType: `${OCI}.config.v1+json` },
    layers: [`layer of ${name}`, ...layers].map((each) => ({
      digest: sha256(each),
      mediaType: `${OCI}.layer.v1.tar`,
    })),
    ...subject(of),
  })
}

/** The blobs that `image` gives an image of this name. */
export const blobsOf = (name: string): Digest[] => [sha256(`config of ${name}`), sha256(`layer of ${name}`)]

export function index(name: string, children: readonly Place[], { of }: { of?: Place } = {}): Manifest {
  return manifest(INDEX, {
    manifests: children.map((child) => ({ digest: at(child), mediaType: IMAGE })),
    annotations: { name },
    ...subject(of),
  })
}

/** A manifest of a kind that nobody here knows. */
export function odd(name: string, digests: readonly Place[], { of }: { of?: Place } = {}): Manifest {
  return manifest(ODD, { name, needs: digests.map(at), ...subject(of) })
}

/** The tag that belongs to a manifest by its name. */
export const derived = (of: Place, ending = ''): string => `${at(of).replace(':', '-').slice(0, 71)}${ending}`

export interface Scene {
  /** Everything that was read. */
  readonly read: readonly Manifest[]
  /** What each tag points to, or how it answers. */
  readonly tags: Readonly<Record<string, Place | TagState>>
  /** What is purged; the tag `leak`, if nothing is said. */
  readonly target?: Partial<Asked>
  /** What the referrers API says besides what the manifests themselves say. */
  readonly api?: readonly (readonly [subject: Place, referrer: Place])[]
  readonly protect?: readonly string[]
  readonly rules?: Partial<Rules>
  readonly facts?: Partial<Survey>
}

export function surveyOf({ read, tags, api = [], facts = {} }: Scene): Survey {
  const states = Object.entries(tags).map(([tag, state]): [Tag, TagState] => [
    tag as Tag,
    typeof state === 'string' || ('digest' in state && 'kind' in state)
      ? { is: 'resolved', digest: at(state) }
      : state,
  ])
  const referrers = new Map<Digest, Digest[]>()
  const refer = (subject: Digest, digest: Digest): void =>
    void referrers.set(subject, [...(referrers.get(subject) ?? []), digest])
  for (const { subject, digest } of read) if (subject !== undefined) refer(subject, digest)
  for (const [subject, referrer] of api) refer(at(subject), at(referrer))
  return {
    repository,
    listed: states.map(([tag]) => tag),
    tags: new Map(states),
    manifests: new Map(read.map((each) => [each.digest, each])),
    missing: new Map(),
    referrers,
    referrersUnclear: new Map(),
    twins: new Map(),
    twinsUnclear: [],
    manifestDeletion: { is: 'on' },
    blobDeletion: { is: 'on' },
    ...facts,
  }
}

export function glob(text: string): Glob {
  const compiled = compileTagGlob(text)
  if ('wrong' in compiled) throw new Error(compiled.wrong)
  return compiled.value
}

export function rulesOf({ protect = [], rules = {} }: Pick<Scene, 'protect' | 'rules'> = {}): Rules {
  return {
    registry: 'https://registry.example.com',
    scope: 'image',
    sharedBlobs: 'keep',
    protectedTags: protect.map(glob),
    unreadableTags: 'refuse',
    dryRun: false,
    together: true,
    tagsOnReferrers: 'delete',
    furtherTags: 'name-them',
    ...rules,
  }
}

export function planOf(scene: Scene): RepositoryPlan {
  const target = { repository, tags: [{ tag: 'leak' as Tag }], digests: [], blobs: [], ...scene.target }
  return planRepository({ target, survey: surveyOf(scene) }, rulesOf(scene))
}

/** Two digests of the same bytes, each known as the other's twin. */
export function twins(one: Digest, other: Digest): Map<Digest, Digest[]> {
  return new Map([
    [one, [other]],
    [other, [one]],
  ])
}

export const digests = (list: readonly { readonly digest?: Digest }[]): Digest[] =>
  list.flatMap(({ digest }) => digest ?? []).sort()

export const sorted = <T extends string>(...parts: readonly (T | readonly T[])[]): T[] =>
  (parts.flat() as T[]).sort()

/** A problem, as far as a test looks at it. */
export interface Found {
  readonly kind: ProblemKind
  readonly [data: string]: unknown
}

/** Matches problems of these kinds and with these data, in this order. */
export const about = (...problems: readonly Found[]): unknown =>
  problems.map((problem) => expect.objectContaining({ ...problem }))

/** What a plan comes to, in short. */
export function gist({ tags, manifests, blobs, kept, remaining, refusals }: RepositoryPlan): {
  tags: string[]
  goes: Digest[]
  kept: Digest[]
  stays: string[]
  refusals: readonly Problem[]
} {
  return {
    tags: tags.map(({ tag }) => tag),
    goes: digests([...manifests, ...blobs]),
    kept: digests(kept),
    stays: remaining.map(({ tag }) => tag),
    refusals,
  }
}

import { ociImage, type Image, type ImageOptions } from '../../../testbed/images/image.js'
import { pushImage } from '../../support/push.js'
import { runEngine, type EngineOptions, type EngineRun } from '../../support/engine.js'
import type { MemoryRegistry } from '../../support/memory-registry.js'

export const REPO = 'acme/app'

/** When the engine's runs begin. */
export const START = Date.UTC(2026, 5, 1)
const DAY = 86_400_000

/** The `created` of an image that is so many days old. */
export const daysOld = (days: number): string => new Date(START - days * DAY).toISOString()

/** An image of this age. */
export const aged = (seed: string, days: number, options: ImageOptions = {}): Image =>
  ociImage(seed, { created: daysOld(days), ...options })

/** Pushes images by their tags. */
export function push(
  { store }: MemoryRegistry,
  images: Readonly<Record<string, Image>>,
  repo: string = REPO,
): void {
  for (const [tag, image] of Object.entries(images)) pushImage(store, repo, image, tag)
}

/** Runs a cleanup of the one repository, of whatever age, unless the inputs say otherwise. */
export function clean(
  registry: MemoryRegistry,
  inputs: Readonly<Record<string, string>> = {},
  options: EngineOptions = {},
): Promise<EngineRun> {
  const age = 'keep-newest' in inputs || 'older-than' in inputs ? {} : { 'older-than': '0s' }
  return runEngine(registry, { repositories: REPO, tags: 'debug-*', ...age, ...inputs }, options)
}

/** What a report says of the tags of one repository: those that go, those that lose their label only, those that stay. */
export function chosen(
  { report }: EngineRun,
  name: string = REPO,
): Record<'gone' | 'labels' | 'kept', string[]> {
  const tags = report.repositories.find((each) => each.name === name)?.tags ?? []
  const of = (which: (tag: (typeof tags)[number]) => boolean): string[] =>
    tags.filter(which).map(({ tag }) => tag)
  return {
    gone: of(({ outcome, onlyLabel }) => outcome !== 'kept' && !onlyLabel),
    labels: of(({ outcome, onlyLabel }) => outcome !== 'kept' && onlyLabel),
    kept: of(({ outcome }) => outcome === 'kept'),
  }
}

/** Why a tag stays, as the report has it. */
export const because = ({ report }: EngineRun, tag: string): string =>
  report.repositories.flatMap(({ tags }) => tags).find((each) => each.tag === tag)?.reason ?? ''

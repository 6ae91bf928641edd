import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import type {
  Plan,
  PlannedContent,
  PlannedTag,
  RepositoryPlan,
  Selection,
  Unselected,
} from '../../src/plan/plan.js'
import { of } from './reports.js'

export const app = 'acme/app' as Repository

/** Why only a label goes, and why a tag stays. */
export const LABEL: NonNullable<PlannedTag['onlyLabel']> = {
  kind: 'same-manifest',
  tags: ['stable' as Tag],
}
export const STAYS: Unselected['because'] = { kind: 'too-young', age: 5, olderThan: 10 }

export function plannedContent(name: string, more: Partial<PlannedContent> = {}): PlannedContent {
  return {
    digest: of(name),
    mediaType: 'x/y',
    size: 5,
    level: 0,
    named: false,
    gone: false,
    foreign: false,
    ...more,
  }
}

export function plannedTag(tag: string, more: Partial<PlannedTag> = {}): PlannedTag {
  return { tag: tag as Tag, digest: of('root'), root: of('root'), ...more }
}

/** A plan in which nothing goes, but what is given. */
export function partOf(more: Partial<RepositoryPlan> = {}): RepositoryPlan {
  return {
    repository: app,
    scope: 'image',
    tags: [],
    manifests: [],
    blobs: [],
    kept: [],
    remaining: [],
    image: new Set(),
    ignored: new Set(),
    refusals: [],
    warnings: [],
    ...more,
  }
}

export function planOf(repositories: readonly RepositoryPlan[], more: Partial<Plan> = {}): Plan {
  return { repositories, fingerprint: of('the plan'), refusals: [], warnings: [], ...more }
}

export function selectionOf(unselected: readonly Unselected[], more: Partial<Selection> = {}): Selection {
  return {
    asOf: Date.UTC(2026, 0, 2),
    unselected,
    counted: [],
    created: new Map(),
    sizes: new Map(),
    ...more,
  }
}

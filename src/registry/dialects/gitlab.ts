import { isUnknown, isUnsupportedForTags } from '../errors.js'
import type { Dialect } from './dialect.js'

/** GitLab's own endpoint. GitLab has had it for longer than the one of the specification. */
export const gitlab = {
  name: 'gitlab',
  title: "GitLab's endpoint for tags",
  remove: (client, repository, name, deleting) =>
    client.delete(repository, `tags/reference/${name}`, deleting),
  // Most registries do not have it, and say so in many ways.
  recognise: (response) =>
    !isUnsupportedForTags(response) && (![404, 405, 501].includes(response.status) || isUnknown(response)),
} as const satisfies Dialect

import { meaningOf } from '../answers/classify.js'
import { hasCode } from '../errors.js'
import type { Dialect } from './dialect.js'

/** GitLab's own endpoint. GitLab had it before it supported the endpoint of the specification. */
export const gitlab = {
  name: 'gitlab',
  title: "GitLab's endpoint for tags",
  remove: (client, repository, name, deleting) =>
    client.delete(repository, `tags/reference/${name}`, deleting),
  // Most registries do not have it, and their responses differ. A gateway may say NOT_FOUND, too.
  recognise: (response) =>
    meaningOf('probe-tag', response) !== 'unsupported' &&
    (![404, 405, 501].includes(response.status) || hasCode(response, (code) => code.endsWith('_UNKNOWN'))),
} as const satisfies Dialect

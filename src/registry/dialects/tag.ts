import { meaningOf } from '../answers/classify.js'
import type { Dialect } from './dialect.js'

/** The specification's own endpoint: DELETE of a manifest by tag (end-9). */
export const tag = {
  name: 'tag',
  title: "the registry's tag endpoint",
  remove: (client, repository, name, deleting) => client.deleteManifest(repository, name, deleting),
  recognise: (response) => meaningOf('probe-tag', response) !== 'unsupported',
} as const satisfies Dialect

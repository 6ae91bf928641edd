import type { Asked, Row } from './meaning.js'

const PROBES = ['probe-tag', 'probe-manifest', 'probe-blob'] as const satisfies readonly Asked[]
const CONTENT_PROBES = ['probe-manifest', 'probe-blob'] as const satisfies readonly Asked[]
const REAL = ['delete-tag', 'delete-manifest', 'delete-blob'] as const satisfies readonly Asked[]
const REAL_CONTENT = ['delete-manifest', 'delete-blob'] as const satisfies readonly Asked[]
const TAGS = ['probe-tag', 'delete-tag'] as const satisfies readonly Asked[]
const CONTENT = [...CONTENT_PROBES, ...REAL_CONTENT] as const
const ANY = [...PROBES, ...REAL] as const
/** The codes that say only that somebody may not do something. */
const PLAIN_DENIALS = [
  'DENIED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'ACCESS_DENIED',
  'PERMISSION_DENIED',
  'INSUFFICIENT_SCOPE',
] as const

/** What the responses to a DELETE mean (distribution-spec end-9, end-10). The first row that fits counts. */
export const DELETES: readonly Row[] = [
  {
    asked: ANY,
    status: 401,
    means: 'unauthenticated',
    source: 'the specification: UNAUTHORIZED; with or without a body (seen)',
  },
  { asked: ANY, status: 429, means: 'throttled', source: 'the specification: TOOMANYREQUESTS' },
  {
    asked: ANY,
    status: '2xx',
    form: ['html'],
    means: 'foreign',
    source: 'firewalls that return their page with 200 (reports)',
  },
  {
    asked: ANY,
    status: 202,
    means: 'asynchronous',
    source: 'the specification; Pulp 2.30 (seen) deletes later',
  },
  { asked: ANY, status: '2xx', means: 'done', source: 'RFC 9110, 15.3: some registries return 200 or 204' },
  {
    asked: ANY,
    status: 404,
    form: ['errors'],
    code: ['*_UNKNOWN'],
    means: 'unknown',
    source: 'distribution 3.1.1, 3.0.0, 2.8.2, olareg, zot 2.1.20 (seen)',
  },
  {
    asked: PROBES,
    status: 404,
    form: ['errors'],
    code: ['NOT_FOUND'],
    means: 'unknown',
    source: 'Harbor (source)',
  },
  {
    asked: REAL,
    status: 404,
    form: ['errors'],
    code: ['NOT_FOUND'],
    means: 'perhaps-unknown',
    source: 'Harbor (source), or a gateway: a GET decides',
  },
  {
    asked: TAGS,
    status: 404,
    form: ['text', 'empty', 'json', 'no-keys', 'index', 'html'],
    means: 'unsupported',
    source: 'the route is missing: ECR, formerly (issue roadmap#1229)',
  },
  {
    asked: CONTENT,
    status: 404,
    form: ['text', 'empty', 'json', 'no-keys', 'index'],
    means: 'unsupported',
    source: 'the route is missing: ECR, formerly (issue roadmap#1229)',
  },
  {
    asked: ANY,
    status: 404,
    form: ['errors'],
    means: 'unclear',
    source: 'a code of the product: gone, or no such route. A GET, or the DELETE of a random tag, decides',
  },
  {
    asked: TAGS,
    status: 400,
    form: ['errors'],
    code: ['DIGEST_INVALID'],
    means: 'unsupported',
    source: 'distribution 2.8.2 (seen)',
  },
  {
    asked: ['probe-tag'],
    status: 400,
    form: ['errors'],
    code: ['UNSUPPORTED'],
    means: 'unsupported',
    source: 'Harbor (source)',
  },
  {
    asked: ['probe-tag'],
    status: 405,
    form: ['errors'],
    code: ['DIGEST_INVALID', 'UNSUPPORTED'],
    means: 'unsupported',
    source: 'ghcr.io (issue skopeo#1880); the specification',
  },
  {
    asked: ANY,
    status: '4xx',
    form: ['html'],
    means: 'foreign',
    source: 'nginx, firewalls and login pages; no registry sends HTML under /v2/',
  },
  {
    asked: CONTENT_PROBES,
    status: '4xx',
    form: ['errors'],
    code: ['UNSUPPORTED'],
    means: 'off',
    source: 'distribution (seen): 405, deletion off or pull-through; Quay (source): blobs',
  },
  {
    asked: PROBES,
    status: 405,
    form: ['text', 'empty'],
    allowsDelete: false,
    means: 'read-only',
    source: 'distribution in maintenance mode (seen)',
  },
  {
    asked: PROBES,
    status: 405,
    form: ['text', 'empty'],
    means: 'off',
    source: 'olareg without the delete flags (seen)',
  },
  {
    asked: PROBES,
    status: 405,
    form: ['errors'],
    otherCode: ['DENIED'],
    means: 'off',
    source: 'the specification: 405 if deletion is disabled',
  },
  {
    asked: REAL,
    status: 405,
    form: ['errors'],
    code: ['DENIED'],
    means: 'referenced',
    source: 'zot 2.1.20 (seen): a manifest still uses it',
  },
  {
    asked: REAL,
    status: 403,
    form: ['errors'],
    otherCode: PLAIN_DENIALS,
    means: 'locked',
    source: 'Quay TAG_IMMUTABLE (source); a code of its own, not a missing right',
  },
  { asked: ANY, status: 403, means: 'forbidden', source: 'zot (seen), the specification: DENIED' },
  {
    asked: REAL,
    status: 409,
    form: ['errors'],
    code: ['MANIFEST_REFERENCED'],
    means: 'referenced',
    source: 'GitLab (source): a list has it',
  },
  {
    asked: REAL,
    status: 400,
    form: ['errors'],
    code: ['GOOGLE_MANIFEST_DANGLING_TAG'],
    means: 'referenced',
    source: 'Artifact Registry (issue reg#136): a tag has it',
  },
  { asked: ANY, status: 408, means: 'failed', source: 'RFC 9110, 15.5.9: it may be sent again' },
  { asked: ANY, status: 425, means: 'failed', source: 'RFC 8470, 5.2: it may be sent again' },
  { asked: ANY, status: 410, means: 'unclear', source: 'RFC 9110, 15.5.11: gone. A GET decides' },
  {
    asked: REAL,
    status: '4xx',
    means: 'locked',
    source:
      'Harbor 412 (source), Quay 409 TAG_IMMUTABLE (source): the probe of a random name was answered, so it is about this one',
  },
  { asked: CONTENT_PROBES, status: 501, means: 'unsupported', source: 'RFC 9110, 15.6.2' },
  {
    asked: REAL_CONTENT,
    status: 501,
    means: 'locked',
    source: 'the probe of a random name was answered, so it is about this one',
  },
  {
    asked: ANY,
    status: '5xx',
    means: 'failed',
    source: 'distribution (seen): a stale replica or a corrupt tag, and it may have worked',
  },
  {
    asked: ANY,
    status: '3xx',
    means: 'redirected',
    source: 'a registry or proxy that redirects http to https',
  },
]

import type { Asked, Row } from './meaning.js'

const PROBES = ['probe-tag', 'probe-manifest', 'probe-blob'] as const satisfies readonly Asked[]
const REAL = ['delete-tag', 'delete-manifest', 'delete-blob'] as const satisfies readonly Asked[]
const TAGS = ['probe-tag', 'delete-tag'] as const satisfies readonly Asked[]
const CONTENT = ['probe-manifest', 'probe-blob', 'delete-manifest', 'delete-blob'] as const
const ANY = [...PROBES, ...REAL] as const
/** The codes that say only that somebody may not do something. */
const PLAIN_DENIALS = ['DENIED', 'UNAUTHORIZED', 'FORBIDDEN'] as const

/** What the responses to a DELETE mean (distribution-spec end-9, end-10). The first row that fits counts. */
export const DELETES: readonly Row[] = [
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
    asked: ANY,
    status: 404,
    form: ['errors'],
    code: ['NOT_FOUND'],
    means: 'unknown',
    source: 'Harbor (source)',
  },
  {
    asked: ANY,
    status: 404,
    form: ['text', 'empty', 'json', 'no-keys', 'index'],
    means: 'unsupported',
    source: 'ECR, formerly (issue roadmap#1229): no such route',
  },
  { asked: TAGS, status: 404, form: ['html'], means: 'unsupported', source: 'rule 7: a 404 of the endpoint' },
  { asked: CONTENT, status: 404, form: ['html'], means: 'foreign', source: 'a gateway in front' },
  {
    asked: TAGS,
    status: 400,
    form: ['errors'],
    code: ['DIGEST_INVALID', 'UNSUPPORTED'],
    means: 'unsupported',
    source: 'distribution 2.8.2 (seen); Harbor (source)',
  },
  {
    asked: TAGS,
    status: 405,
    form: ['errors'],
    code: ['DIGEST_INVALID', 'UNSUPPORTED'],
    means: 'unsupported',
    source: 'ghcr.io (issue skopeo#1880); the specification',
  },
  {
    asked: CONTENT,
    status: '4xx',
    form: ['errors'],
    code: ['UNSUPPORTED'],
    means: 'off',
    source: 'distribution (seen): 405, deletion off or pull-through; Quay (source): blobs',
  },
  {
    asked: ANY,
    status: 405,
    form: ['html'],
    means: 'foreign',
    source: 'nginx and firewalls that refuse a method',
  },
  {
    asked: ANY,
    status: 405,
    form: ['text', 'empty'],
    allowsDelete: false,
    means: 'read-only',
    source: 'distribution in maintenance mode (seen)',
  },
  {
    asked: ANY,
    status: 405,
    form: ['text', 'empty'],
    means: 'off',
    source: 'olareg without the delete flags (seen)',
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
    status: 405,
    means: 'locked',
    source: 'a rule of the product; the probe of a random name was answered',
  },
  {
    asked: PROBES,
    status: 405,
    form: ['errors'],
    otherCode: ['DENIED'],
    means: 'off',
    source: 'the specification: 405 if deletion is disabled',
  },
  { asked: ANY, status: 401, means: 'unauthenticated', source: 'every registry' },
  { asked: ANY, status: 403, form: ['html'], means: 'foreign', source: 'firewalls, login pages' },
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
  {
    asked: REAL,
    status: 409,
    means: 'locked',
    source: 'locks and holds; RFC 9110, 15.5.10: the state of the resource forbids it',
  },
  {
    asked: REAL,
    status: 412,
    means: 'locked',
    source: 'Harbor (source): an immutable tag, or a child of an index',
  },
  { asked: REAL, status: 423, means: 'locked', source: 'RFC 4918, 11.3' },
  {
    asked: ['delete-manifest', 'delete-blob'],
    status: 400,
    form: ['errors'],
    means: 'locked',
    source: 'a rule of the product; the probe of a random name was answered',
  },
  { asked: CONTENT, status: 501, means: 'unsupported', source: 'RFC 9110, 15.6.2' },
  { asked: ANY, status: 429, means: 'throttled', source: 'the specification: TOOMANYREQUESTS' },
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

import type { Asked, Row } from './meaning.js'

const ANY = ['manifest', 'tag-list', 'referrers', 'blob'] as const satisfies readonly Asked[]
const NOT_REFERRERS = ['manifest', 'tag-list', 'blob'] as const satisfies readonly Asked[]

/** What the responses to reads mean, as far as a decision rests on it. The first row that fits counts. */
export const READS: readonly Row[] = [
  {
    asked: ANY,
    status: 401,
    means: 'unauthenticated',
    source: 'the specification: UNAUTHORIZED; with or without a body (seen)',
  },
  { asked: ANY, status: 429, means: 'throttled', source: 'the specification: TOOMANYREQUESTS' },
  {
    asked: ['manifest'],
    status: 404,
    form: ['errors'],
    code: ['MANIFEST_UNKNOWN'],
    means: 'unknown',
    source: 'the specification; distribution, olareg, zot (seen)',
  },
  {
    asked: ['manifest'],
    status: 404,
    form: ['errors'],
    code: ['NOT_FOUND'],
    means: 'perhaps-unknown',
    source: 'Harbor (source)',
  },
  {
    asked: ['tag-list'],
    status: 404,
    form: ['errors'],
    code: ['*_UNKNOWN'],
    means: 'unknown',
    source: 'distribution NAME_UNKNOWN (seen)',
  },
  {
    asked: ['tag-list'],
    status: 404,
    form: ['errors'],
    code: ['NOT_FOUND'],
    means: 'perhaps-unknown',
    source: 'Harbor (source)',
  },
  { asked: ['referrers'], status: 200, form: ['index'], means: 'done', source: 'the specification, end-12' },
  {
    asked: ['referrers'],
    status: 200,
    form: ['no-keys'],
    means: 'unknown',
    source: 'Harbor (source): an unknown digest',
  },
  {
    asked: ['referrers'],
    status: 200,
    means: 'unsupported',
    source: 'go-containerregistry falls back to the tag (source); web pages for every path',
  },
  {
    asked: ['referrers'],
    status: 400,
    means: 'unsupported',
    source: 'go-containerregistry falls back to the tag (source)',
  },
  {
    asked: ['referrers'],
    status: 403,
    form: ['html'],
    means: 'unsupported',
    source: 'firewalls that do not know the route (reports)',
  },
  { asked: ['referrers'], status: 404, means: 'unsupported', source: 'distribution (seen)' },
  {
    asked: ['referrers'],
    status: 405,
    means: 'unsupported',
    source: 'registries without the route; the specification knows no such answer',
  },
  {
    asked: ['referrers'],
    status: 406,
    means: 'unsupported',
    source: 'Artifactory (issue go-containerregistry#1962)',
  },
  { asked: ['referrers'], status: 501, means: 'unsupported', source: 'RFC 9110, 15.6.2' },
  {
    asked: NOT_REFERRERS,
    status: '2xx',
    form: ['html'],
    means: 'foreign',
    source: 'login pages in front of a registry; no registry sends HTML under /v2/',
  },
  {
    asked: NOT_REFERRERS,
    status: '4xx',
    form: ['html'],
    means: 'foreign',
    source: 'nginx, firewalls and login pages; no registry sends HTML under /v2/',
  },
  {
    asked: NOT_REFERRERS,
    status: '5xx',
    form: ['html'],
    means: 'foreign',
    source: 'nginx, if the registry behind it does not respond',
  },
  { asked: ANY, status: 403, means: 'forbidden', source: 'the specification: DENIED' },
  { asked: ANY, status: '5xx', means: 'failed', source: 'RFC 9110, 15.6' },
]

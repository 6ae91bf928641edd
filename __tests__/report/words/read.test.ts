import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/oci/digest.js'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import { say } from '../../../src/report/words/problem.js'
import { readWords } from '../../../src/report/words/read.js'
import type { ReadProblem, StaleSign } from '../../../src/survey/problem.js'

const repository = 'acme/app' as Repository
const origin = 'https://registry.example.com'
const answered = '403 DENIED'
const digest = sha256('x')
const stale = (sign: StaleSign): ReadProblem => ({ kind: 'tag-list-stale', repository, sign })
const tag = 'v1' as Tag

const cases: [problem: ReadProblem, said: string, items: string[]][] = [
  [
    { kind: 'repository-unknown', repository, origin, answered },
    `${origin} has no repository acme/app: 403 DENIED. Check the name.`,
    [repository],
  ],
  [
    { kind: 'no-permission-to-list', repository, answered },
    'No permission to list the tags of acme/app (403 DENIED). Give the user the actions `pull` and `delete`',
    [repository],
  ],
  [
    { kind: 'credentials-missing', repository, origin, answered },
    'Give them in `username` and `password`',
    [repository],
  ],
  [
    { kind: 'credentials-refused', repository, origin, answered, source: 'the inputs' },
    'refuses the credentials from the inputs',
    [repository],
  ],
  [
    { kind: 'tag-list-refused', repository, answered, https: origin },
    `the registry returned 403 DENIED for the tag list of acme/app. It speaks https: write \`registry: ${origin}\``,
    [repository],
  ],
  [
    { kind: 'tag-list-invalid', repository },
    'the response for the tag list of acme/app is not a tag list. If something in front of the registry sent it, let requests to /v2/ through',
    [repository],
  ],
  [
    { kind: 'tag-list-has-other-names', repository, entries: ['"a/b"', '5'], count: 2, digests: false },
    'the tag list of acme/app has 2 entries that are not tags: "a/b", 5. What they need is unknown, so nothing can be deleted safely. Remove or rename such entries',
    [repository],
  ],
  [
    { kind: 'tag-list-has-other-names', repository, entries: ['"x:1"'], count: 1, digests: false },
    'has 1 entry that is not a tag: "x:1". What it needs is unknown',
    [repository],
  ],
  [
    {
      kind: 'tag-list-has-other-names',
      repository,
      entries: [JSON.stringify(digest)],
      count: 9,
      digests: true,
    },
    `are not tags: "${digest}" and 8 more. What they need is unknown, so nothing can be deleted safely. Artifactory lists the manifests of a multi-platform image this way.`,
    [repository],
  ],
  [
    { kind: 'tag-list-not-whole', repository, flaw: { is: 'circle' } },
    'the tag list of acme/app links in a circle',
    [repository],
  ],
  [
    stale({ is: 'cached', cache: 'age: 7' }),
    'comes out of a cache (age: 7), also when it is requested past caches. Switch off caching of /v2/',
    [repository],
  ],
  [
    stale({ is: 'names-deleted-tag', tag }),
    'names v1, which this run deleted and which is gone',
    [repository],
  ],
  [
    stale({ is: 'names-tag-of-deleted-manifest', tag }),
    'nothing shows that the list is up to date',
    [repository],
  ],
  [{ kind: 'too-many-hidden-tags', repository, most: 5 }, 'hides more than 5 tags', [repository]],
  [
    { kind: 'hidden-tags-refused', repository, answered },
    'the registry refused the requests for tags that the list of acme/app may hide: 403 DENIED',
    [repository],
  ],
  [
    { kind: 'catalog-refused', origin, answered },
    'Name the repositories one by one, or use an account that may read the catalog',
    [],
  ],
  [
    { kind: 'catalog-not-whole', origin, flaw: { is: 'no-progress' } },
    `the catalog goes on without naming anything new (${origin}). Name the repositories one by one`,
    [],
  ],
  [{ kind: 'catalog-stale', origin, cache: 'age: 7' }, 'comes out of a cache (age: 7)', []],
  [
    { kind: 'no-response', message: 'GET /v2/: no complete answer in time' },
    'GET /v2/: no complete answer in time',
    [],
  ],
  [
    {
      kind: 'globs-not-expanded',
      input: 'repositories',
      cause: { kind: 'no-response', message: 'it broke' },
    },
    'repositories: it broke',
    ['repositories'],
  ],
  [
    { kind: 'glob-without-match', input: 'repositories', glob: 'x/*', origin, listed: 3 },
    'repositories: x/* matches none of the 3 repositories',
    ['repositories'],
  ],
  [{ kind: 'hidden-tags-found', repository, count: 2 }, 'hides 2 of its tags', [repository]],
  [
    { kind: 'hidden-tags-not-searched', repository, count: 20 },
    'after 20 of its tags no hidden tag was searched for. Name tags that must stay in `protected-tags`',
    [repository],
  ],
  [
    { kind: 'twin-unreadable', repository, digest, answered },
    'could not be read to find that out: 403 DENIED',
    [`acme/app@${digest}`],
  ],
  [{ kind: 'twin-of-other-bytes', repository, digest }, 'It came with other bytes', [`acme/app@${digest}`]],
  [
    { kind: 'search-failed', repository, failed: 1, wanted: 2, answered },
    'acme/app could not be searched for 1 of 2 digests: 403 DENIED',
    [repository],
  ],
  [
    { kind: 'holders-unknown', repository, cause: { kind: 'tag-list-refused', repository, answered } },
    'which tags of acme/app hold what was found there: the registry returned 403 DENIED',
    [repository],
  ],
  [{ kind: 'holders-unreadable', repository, count: 1 }, '1 tag of acme/app cannot be read', [repository]],
]

describe('the words for what could not be read', () => {
  test.each(cases)('%j', (problem, said, items) => {
    const wording = say(problem)
    expect(wording.text).toContain(said)
    expect(wording.items).toEqual(items)
  })

  test('are tested for every kind', () => {
    expect(new Set(cases.map(([{ kind }]) => kind))).toEqual(new Set(Object.keys(readWords)))
  })
})

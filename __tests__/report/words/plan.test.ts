import { describe, expect, test } from '@jest/globals'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Problem } from '../../../src/plan/problem.js'
import { say } from '../../../src/report/words/problem.js'
import { of } from '../reports.js'

const repository = 'acme/app' as Repository
const [leak, other, more] = ['leak', 'other', 'more'] as [Tag, Tag, Tag]
const [one, two] = [of('one'), of('two')]
const tagged = { repository, tag: leak }
const content = { repository, digest: one }
const broke = { is: 'unanswered', message: 'it broke' } as const

const text = (problem: Problem): string => say(problem).text
const items = (problem: Problem): readonly string[] => say(problem).items

describe('what refuses all repositories', () => {
  test('is an entry of protected-tags that matches nothing', () => {
    expect(say({ kind: 'protected-tags-match-nothing', pattern: 'stabel' })).toEqual({
      text: 'protected-tags: stabel matches no tag that stays in any repository of this run. Correct or remove the entry',
      items: ['protected-tags'],
    })
  })

  test('is another fingerprint, with the line that approves this plan', () => {
    expect(text({ kind: 'fingerprint-differs', fingerprint: one, approved: two })).toBe(
      `approve: the plan's fingerprint is ${one}, and ${two} was approved. What was approved is no longer what would be deleted.\nRead the plan above and approve it anew:\n  approve: ${one}`,
    )
  })

  test.each([
    [1, 'the plan would delete 2 tags in 1 repository (most of them in acme/app), and 1 are allowed.'],
    [3, 'the plan would delete 2 tags in 3 repositories (most of them in acme/app), and 1 are allowed.'],
  ])('is a plan with too many tags, with the line that allows it: %i', (repositories, said) => {
    const found = text({ kind: 'max-deletions', tags: 2, allowed: 1, repositories, most: repository })
    expect(found).toMatch(/^max-deletions: /)
    expect(found).toContain(said)
    expect(found).toMatch(/\n {2}max-deletions: 2$/)
  })
})

describe('what was named and cannot be purged', () => {
  test('is a tag that does not exist, with those that do', () => {
    expect(text({ kind: 'tag-absent', ...tagged, listed: [other, more] })).toBe(
      'acme/app:leak does not exist. The repository has: other, more',
    )
    expect(text({ kind: 'tag-absent', ...tagged, listed: [] })).toContain('has no tags')
    const listed = Array.from({ length: 25 }, (_, at) => `v${at}` as Tag)
    expect(text({ kind: 'tag-absent', ...tagged, listed })).toMatch(/v18, v19 and 5 more$/)
  })

  test('is a tag that does not exist, with those whose names are like it', () => {
    const of = (tag: string, ...listed: string[]): string =>
      text({ kind: 'tag-absent', repository, tag: tag as Tag, listed: listed as Tag[] })
    expect(of('1.2-b', 'x', '1.2_b')).toBe(
      'acme/app:1.2-b does not exist. Did you mean acme/app:1.2_b? Helm stores the + of a version as _. The repository has: x, 1.2_b',
    )
    expect(of('1.2_b', '1.2-b', '1_2_b', '1.2-B', '1-2-b')).toBe(
      'acme/app:1.2_b does not exist. Did you mean acme/app:1.2-b or acme/app:1_2_b or acme/app:1.2-B? The repository has: 1.2-b, 1_2_b, 1.2-B, 1-2-b',
    )
  })

  test('is a tag that dangles: its image can be named, its label alone cannot go', () => {
    expect(text({ kind: 'tag-dangles', ...tagged, scope: 'image' })).toContain(
      'Name what it pointed to by digest (acme/app:leak@sha256:…), with its blobs in `blobs`',
    )
    expect(text({ kind: 'tag-dangles', ...tagged, scope: 'tag' })).toContain('Push anything to it')
  })

  test('is a tag on another digest, with the line that names what is meant', () => {
    const elsewhere = { kind: 'tag-elsewhere', ...tagged, digest: one, written: two } as const
    const found = text({ ...elsewhere, scope: 'image' })
    expect(found).toContain(`acme/app:leak points to ${one}, not to ${two}.\n`)
    expect(found).toMatch(new RegExp(`\n  acme/app@${two}$`))
    expect(text({ ...elsewhere, scope: 'tag' })).toMatch(/without a digest:\n {2}acme\/app:leak$/)
    expect(items({ ...elsewhere, scope: 'tag' })).toEqual(['acme/app:leak', `acme/app@${two}`])
  })

  test.each<[Problem, string]>([
    [{ kind: 'tag-unreadable', ...tagged, why: broke }, 'cannot be read: it broke'],
    [{ kind: 'tag-unlisted', ...tagged }, "the registry's tag list lacks it"],
    [{ kind: 'manifest-absent', ...content }, 'name them in `blobs`'],
    [{ kind: 'manifest-unreadable', ...content, why: broke }, 'cannot be read: it broke'],
    [{ kind: 'manifest-schema1', ...content }, 'schema 1'],
    [{ kind: 'manifest-of-unknown-kind', ...content }, 'of a kind that this action does not know'],
    [{ kind: 'content-of-unknown-type', ...content }, "neither a manifest's nor a blob's"],
    [{ kind: 'empty-blob-named', ...content }, 'a well-known empty blob'],
    [{ kind: 'manifest-among-blobs', ...content }, 'Name it in `image`'],
  ])('is named in the text and in the items: %j', (problem, said) => {
    const name = 'tag' in problem ? 'acme/app:leak' : `acme/app@${one}`
    expect(text(problem)).toContain(name)
    expect(text(problem)).toContain(said)
    expect(items(problem)).toContain(name)
  })

  test('is what a remaining tag needs, with the lines that purge that tag as well', () => {
    const needed = {
      kind: 'named-but-needed',
      ...content,
      tags: [{ tag: other, digest: two }],
      parents: [{ kind: 'index', digest: two }],
    } as const
    expect(say(needed)).toEqual({
      text: `acme/app@${one} was named, but a remaining tag needs it: other (in the index ${two}).\nLeave it out, or purge that tag as well by adding to \`image\`:\n  acme/app:other@${two}`,
      items: [`acme/app@${one}`, 'acme/app:other'],
    })
    expect(text({ ...needed, tags: [...needed.tags, { tag: more }], parents: [] })).toBe(
      `acme/app@${one} was named, but a remaining tag needs it: other, more.\nLeave it out, or purge those tags as well by adding to \`image\`:\n  acme/app:other@${two}\n  acme/app:more`,
    )
  })
})

describe('an alias', () => {
  const alias = {
    kind: 'alias',
    repository,
    tags: [{ tag: other, digest: one }, { tag: more }],
    labels: [leak],
    furtherTags: 'name-them',
  } as const

  test('has what `scope: tag` would do, and last the lines that purge the other tags', () => {
    const found = text(alias)
    expect(found).toContain('also served under other tags: other, more (')
    expect(found).toContain(
      'With `scope: tag` the run would remove only the label acme/app:leak and leave behind the manifest and every blob',
    )
    expect(found).toMatch(new RegExp(`add to \`image\`:\n  acme/app:other@${one}\n  acme/app:more$`))
    expect(items(alias)).toEqual(['acme/app:other', 'acme/app:more'])
  })

  test('of what was named by digest has no such label', () => {
    expect(text({ ...alias, labels: [] })).not.toContain('scope: tag')
  })

  test('of selected tags asks for another run, and has no lines', () => {
    const found = text({ ...alias, furtherTags: 'run-again' })
    expect(found).toContain('Run again')
    expect(found).not.toMatch(/scope: tag|`image`|\n/)
  })
})

test('shared content names the digests with their tags, and last the line that keeps them', () => {
  const shared = {
    kind: 'shared-blobs',
    repository,
    kept: [{ digest: one, heldBy: [other, more] }],
    furtherTags: 'name-them',
  } as const
  expect(text(shared)).toMatch(
    new RegExp(`need 1 of the image's digests:\n  ${one} is needed by other, more\n`),
  )
  expect(text(shared)).toMatch(/name them in `image`\. .*\n {2}shared-blobs: keep$/)
  expect(text({ ...shared, furtherTags: 'run-again' })).not.toContain('`image`')
})

describe('what cannot be read', () => {
  const unreadable = { kind: 'remaining-tag-unreadable', ...tagged, why: broke } as const
  const needed = { kind: 'needed-manifest-unreadable', ...content, tags: [leak, other] } as const

  test.each([
    [
      'possible',
      'name-them',
      /, or name it in `image` too\. Or count it as broken with `unreadable-tags: ignore`$/,
    ],
    ['possible', 'run-again', /Repair or delete it\. Or count it as broken with `unreadable-tags: ignore`$/],
    ['never', 'name-them', /, or name it in `image` too$/],
    ['never', 'run-again', /Repair or delete it$/],
    ['ignored', 'name-them', /`unreadable-tags: ignore` counts it as broken before this run$/],
  ] as const)('has the remedy for %s, %s', (ignoring, furtherTags, end) => {
    const problems: Problem[] = [
      { ...unreadable, ignoring, furtherTags },
      { kind: 'protected-tag-dangles', ...tagged, ignoring, furtherTags },
      { ...needed, ignoring, furtherTags },
      {
        kind: 'remaining-referrers-unclear',
        repository,
        subject: one,
        why: broke,
        ignoring,
        furtherTags,
      },
    ]
    for (const problem of problems) expect(text(problem)).toMatch(end)
  })

  test('is said with who needs it, and why', () => {
    const how = { ignoring: 'never', furtherTags: 'name-them' } as const
    expect(text({ ...unreadable, ...how })).toContain('acme/app:leak stays, but cannot be read: it broke.')
    expect(text({ ...needed, ...how })).toContain(
      `acme/app:leak, acme/app:other need the manifest ${one}, which cannot be read: the registry does not know it.`,
    )
    expect(text({ ...needed, ...how, tags: [leak], why: broke })).toContain(
      `acme/app:leak needs the manifest ${one}, which cannot be read: it broke.`,
    )
    expect(items({ ...needed, ...how })).toEqual([`acme/app@${one}`, 'acme/app:leak', 'acme/app:other'])
  })

  test.each<[Problem, string]>([
    [
      { kind: 'remaining-tag-contradictory', ...tagged, why: { is: 'other-header' } },
      "acme/app:leak stays, but the registry's response cannot be true: the Docker-Content-Digest header does not fit the bytes",
    ],
    [
      { kind: 'attached-tag-unreadable', ...tagged, why: broke },
      'acme/app:leak belongs to the image by its name, and cannot be read: it broke.',
    ],
    [
      { kind: 'referrers-unclear', repository, subject: one, why: broke },
      `The referrers of acme/app@${one} should be deleted as well, but cannot be listed: it broke`,
    ],
    [
      { kind: 'referrer-unreadable', ...content, subject: two, why: broke },
      `acme/app@${one} refers to ${two} and should be deleted as well, but cannot be read: it broke`,
    ],
  ])('has no other way: %j', (problem, said) => {
    expect(text(problem)).toContain(said)
    expect(items(problem)).toHaveLength(1)
  })
})

describe('what the registry cannot or may not delete', () => {
  const probed = { repository, answered: '405 UNSUPPORTED' } as const

  test.each([
    ['manifests', 'deletion of manifests in acme/app'],
    ['blobs', 'deletion of blobs in acme/app'],
    ['tags', 'removal of tags from acme/app'],
  ] as const)('is said of %s, with the response and the setting', (what, said) => {
    const off = text({ kind: 'deletion-off', ...probed, what, readOnly: false })
    expect(off).toContain(`${said}: the registry returned 405 UNSUPPORTED to the probe`)
    expect(off).toContain('`storage.delete.enabled: true`')
    const denied = text({ kind: 'no-permission', ...probed, what })
    expect(denied).toMatch(new RegExp(`^No permission for the ${said}: .*\`delete\` on acme/app$`))
  })

  test.each([
    ['asynchronous', /accepted the deletion of something that never existed/],
    ['done', /accepted the deletion of something that never existed/],
    ['redirected', /never redirected\. Write in `registry` the address/],
    ['unsupported', /has no endpoint for this/],
    ['failed', /It failed, or something in front of it did/],
    ['foreign', /Something in front of the registry answered/],
    ['throttled', /asks for fewer requests/],
    ['unclear', /A 404 with a code such as MANIFEST_UNKNOWN was expected/],
  ] as const)('does not say to turn deletion on if the response means %s', (means, said) => {
    for (const what of ['manifests', 'blobs', 'tags'] as const) {
      const found = text({ kind: 'deletion-unclear', ...probed, what, means })
      expect(found).toMatch(said)
      expect(found).not.toContain('storage.delete.enabled')
    }
  })

  test('tells a read-only registry from a cache', () => {
    const off = { kind: 'deletion-off', ...probed, what: 'blobs' } as const
    expect(text({ ...off, readOnly: true })).toContain('storage.maintenance.readonly.enabled')
    expect(text({ ...off, readOnly: false })).toContain('proxy.remoteurl')
  })
})

test.each<[Problem, string, string]>([
  [{ kind: 'tag-moved', ...tagged, digest: one }, 'acme/app:leak', `points to ${one} now`],
  [{ kind: 'tag-revived', ...tagged }, 'acme/app:leak', 'did not resolve when the plan was made'],
  [{ kind: 'counted-tag-gone', ...tagged }, 'acme/app:leak', 'was counted for keep-newest'],
  [
    { kind: 'newcomer', repository, name: { tag: leak }, subject: two },
    'acme/app:leak',
    `belongs to ${two},`,
  ],
  [{ kind: 'newcomer', repository, name: { digest: one } }, `acme/app@${one}`, 'belongs to the image,'],
])('what changed since the survey asks for another run: %j', (problem, name, said) => {
  expect(text(problem)).toContain(`${name} ${said}`)
  expect(text(problem)).toMatch(/Run again$/)
  expect(items(problem)).toContain(name)
})

test.each<[Problem, string]>([
  [{ kind: 'tag-unreadable-now', ...tagged, why: broke }, 'acme/app:leak cannot be read now: it broke'],
  [{ kind: 'protected-tag-unknown-now', ...tagged }, 'acme/app:leak is in protected-tags, but'],
  [
    { kind: 'needed-manifest-unreadable-now', ...content },
    `needs ${one}, which cannot be read: the registry does`,
  ],
  [{ kind: 'referrers-unclear-now', repository, subject: one, why: broke }, 'cannot be listed: it broke'],
])('a doubt is a clause: %j', (problem, said) => {
  expect(text(problem)).toContain(said)
  expect(text(problem)).not.toMatch(/\. |\n/)
})

test.each<[Problem, string, string]>([
  [{ kind: 'repository-forgotten', repository }, 'acme/app', 'does not know the repository acme/app'],
  [
    { kind: 'manifest-gone', ...content },
    `acme/app@${one}`,
    'its config and layers are unknown and may still be served',
  ],
  [{ kind: 'remaining-tag-dangles', ...tagged }, 'acme/app:leak', 'it was broken before this run'],
  [
    { kind: 'attached-tag-deleted', ...tagged, subject: two },
    'acme/app:leak',
    `refers to ${two}.\nTo keep it`,
  ],
  [{ kind: 'attached-tag-kept', ...tagged }, 'acme/app:leak', 'also serves something that stays'],
  [{ kind: 'content-elsewhere', ...content }, `acme/app@${one}`, 'lists other locations for it'],
])('a remark says what happens to what: %j', (problem, name, said) => {
  expect(text(problem)).toContain(name)
  expect(text(problem)).toContain(said)
  expect(items(problem)).toEqual([name])
})

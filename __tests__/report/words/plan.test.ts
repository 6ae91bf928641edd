import { describe, expect, test } from '@jest/globals'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { PartOf, Together } from '../../../src/plan/naming.js'
import type { Problem } from '../../../src/plan/problem.js'
import { say } from '../../../src/report/words/problem.js'
import type { BlobsClosed } from '../../../src/survey/facts.js'
import { of } from '../reports.js'

const repository = 'acme/app' as Repository
const [leak, other, more] = ['leak', 'other', 'more'] as [Tag, Tag, Tag]
const [one, two] = [of('one'), of('two')]
const tagged = { repository, tag: leak }
const content = { repository, digest: one }
const part = { itself: true, by: [{ is: 'tag', tag: leak }] } as const
const furtherTags = 'name-them'
const broke = { is: 'unanswered', message: 'it broke' } as const

const text = (problem: Problem): string => say(problem).text
const items = (problem: Problem): readonly string[] => say(problem).items

const lines = {
  is: 'lines',
  further: [
    { repository, tag: more },
    { repository, tag: other, digest: two },
  ],
  along: [],
  image: [{ repository, tag: leak, digest: one }, content],
  blobs: [],
  whole: true,
} as const satisfies Together

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
    expect(text({ kind: 'tag-dangles', ...tagged, scope: 'tag' })).toContain(
      'Delete the tag by hand, or on distribution 2.x remove this key',
    )
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
    [
      { kind: 'tag-unreadable', ...tagged, why: broke, furtherTags },
      '(named in `image`) cannot be read: it broke',
    ],
    [{ kind: 'tag-unlisted', ...tagged }, "the registry's tag list lacks it"],
    [{ kind: 'manifest-absent', ...content, part }, 'name them in `blobs`'],
    [{ kind: 'manifest-unreadable', ...content, part, why: broke }, 'cannot be read: it broke'],
    [{ kind: 'manifest-schema1', ...content, part }, 'schema 1'],
    [{ kind: 'manifest-of-unknown-kind', ...content, part }, 'of a kind that this action does not know'],
    [{ kind: 'content-of-unknown-type', ...content, part }, "neither a manifest's nor a blob's"],
    [{ kind: 'empty-blob-named', ...content }, '(named in `image`) is a well-known empty blob'],
    [
      { kind: 'manifest-among-blobs', ...content },
      '(named in `blobs`) is a manifest, not a blob. Name it in `image`',
    ],
  ])('is named in the text and in the items: %j', (problem, said) => {
    const name = 'tag' in problem ? 'acme/app:leak' : `acme/app@${one}`
    expect(text(problem)).toContain(name)
    expect(text(problem)).toContain(said)
    expect(items(problem)).toContain(name)
  })

  test.each<[PartOf, string]>([
    [part, '(the manifest of acme/app:leak in `image`)'],
    [
      { itself: true, by: [{ is: 'selected', tag: leak }] },
      '(the manifest of acme/app:leak, which the cleanup selects)',
    ],
    [
      { itself: true, by: [{ is: 'digest', digest: one }, { is: 'blob' }] },
      '(named in `image`; named in `blobs`)',
    ],
    [{ itself: false, by: part.by }, '(it belongs to acme/app:leak in `image`)'],
    [{ itself: false, by: [{ is: 'digest', digest: two }] }, `(it belongs to acme/app@${two} in \`image\`)`],
    [
      { itself: false, by: [{ is: 'selected', tag: leak }] },
      '(it belongs to acme/app:leak, which the cleanup selects)',
    ],
    [{ itself: false, by: [] }, '(attached to the image)'],
  ])('is said with how it was named: %j', (part, said) => {
    expect(text({ kind: 'manifest-unreadable', ...content, part, why: broke })).toBe(
      `acme/app@${one} ${said} cannot be read: it broke`,
    )
  })

  test('is a tag that a cleanup selects', () => {
    expect(text({ kind: 'tag-unreadable', ...tagged, why: broke, furtherTags: 'run-again' })).toBe(
      'acme/app:leak (selected by the cleanup) cannot be read: it broke',
    )
  })

  describe('is what a remaining tag needs,', () => {
    const needed = {
      kind: 'named-but-needed',
      ...content,
      by: [{ is: 'digest', digest: one }],
      tags: [{ tag: other, digest: two }],
      parents: [{ kind: 'index', digest: two }],
    } as const

    test('with that tag, its index, and the input that can leave it out', () => {
      expect(say(needed)).toEqual({
        text: `acme/app@${one} (named in \`image\`) is needed by a remaining tag: other (in the index ${two}). Leave it out of \`image\` if it may stay.`,
        items: [`acme/app@${one}`, 'acme/app:other'],
      })
      expect(
        text({ ...needed, by: [{ is: 'blob' }], tags: [...needed.tags, { tag: more }], parents: [] }),
      ).toBe(
        `acme/app@${one} (named in \`blobs\`) is needed by 2 remaining tags: other, more. Leave it out of \`blobs\` if it may stay.`,
      )
    })

    test('and if a tag named it, with what `scope: tag` would do', () => {
      expect(text({ ...needed, by: part.by })).toContain(
        'With `scope: tag` the run would remove only the label acme/app:leak and leave behind the manifest, so it could still be pulled.',
      )
    })

    test('and asks for another run, if a cleanup selects it', () => {
      expect(text({ ...needed, by: [{ is: 'selected', tag: leak }] })).toMatch(
        /acme\/app:leak, which the cleanup selects\) is needed .* Run again: then that is taken into account$/,
      )
    })

    test('and has the lines last', () => {
      expect(text({ ...needed, together: lines })).toMatch(/if it may stay\.\nTo purge it, [^]*\nimage: \|\n/)
    })
  })
})

describe('what has to be named together', () => {
  const needed = {
    kind: 'named-but-needed',
    ...content,
    by: [{ is: 'blob' }],
    tags: [],
    parents: [],
  } as const
  const said = (together: Together): string[] =>
    text({ ...needed, together })
      .split('\n')
      .slice(1)

  test('is a count of what else is deleted, and the lines, the missing ones first', () => {
    expect(said(lines)).toEqual([
      'To purge it, 2 further tags (acme/app:more, acme/app:other) must be deleted as well. If all of them may go, give these lines as `image`; the first 2 are new:',
      'image: |',
      '  acme/app:more',
      `  acme/app:other@${two}`,
      `  acme/app:leak@${one}`,
      `  acme/app@${one}`,
    ])
  })

  test('has what is attached to it, manifests without a tag, and the blobs', () => {
    expect(
      said({
        ...lines,
        further: [{ repository, digest: two }],
        along: [{ repository, tag: other }],
        image: [],
        blobs: [content],
      }),
    ).toEqual([
      `To purge it, 1 further manifest (acme/app@${two}) and 1 tag attached to it (acme/app:other) must be deleted as well. If it may go, give these lines as \`image\` and \`blobs\`; the first is new:`,
      'image: |',
      `  acme/app@${two}`,
      'blobs: |',
      `  acme/app@${one}`,
    ])
  })

  test('says for which repository the lines are, if they are not those of the whole run', () => {
    expect(said({ ...lines, whole: false })[0]).toMatch(
      /give these lines for acme\/app; the first 2 are new:$/,
    )
  })

  test('is nothing while a tag is protected', () => {
    const leaf = { repository, tag: other, entry: 'o*' }
    expect(said({ is: 'protected', tags: [leaf] })).toEqual([
      '`protected-tags` keeps acme/app:other (by o*), which serves or needs it, so it cannot be purged. If that tag may go, take it out of `protected-tags` and run again',
    ])
    expect(said({ is: 'protected', tags: [leaf, { ...leaf, tag: more }] })[0]).toMatch(
      /other \(by o\*\), acme\/app:more \(by o\*\), which serve or need it, .* those tags may go, take them out/,
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
    const found = text({ ...alias, together: lines })
    expect(found).toContain('also served under other tags: other, more (')
    expect(found).toContain(
      'With `scope: tag` the run would remove only the label acme/app:leak and leave behind the manifest and every blob',
    )
    expect(found).toMatch(new RegExp(`\nimage: \\|\n  acme/app:more\n  acme/app:other@${two}\n`))
    expect(items(alias)).toEqual(['acme/app:other', 'acme/app:more'])
    expect(text(alias)).not.toContain('\n')
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
    ['unclear', /returns 404 with a code such as MANIFEST_UNKNOWN/],
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

describe('what could not be verified at the end', () => {
  const way = 'Or have the registry serve the blobs itself (distribution: `storage.redirect.disable: true`)'
  test.each<[BlobsClosed, string, string]>([
    [
      { is: 'unreachable', storage: 'minio:9000', reason: 'where nothing listens (ECONNREFUSED)' },
      'The registry redirects them to its storage at minio:9000, where nothing listens (ECONNREFUSED). Run where minio:9000 can be reached, by https if the registry uses https',
      way,
    ],
    [
      { is: 'storage-refused', storage: 'minio:9000', answered: '403' },
      'The registry redirects them to its storage at minio:9000, which returned 403. Check that storage',
      way,
    ],
    [
      { is: 'refused', answered: '403 DENIED', denied: true },
      `The registry returned 403 DENIED for acme/app@${one}.`,
      'Give the user the action `pull` on acme/app',
    ],
    [
      { is: 'refused', answered: '500', denied: false },
      `The registry returned 500 for acme/app@${one}.`,
      'Check the registry and its storage, and run again',
    ],
    [{ is: 'unanswered', message: 'it broke' }, 'it broke', 'it broke'],
  ])('names the cause and the way out: %j', (why, cause, end) => {
    const problem = { kind: 'blobs-unreadable', ...content, why } as const
    expect(text(problem)).toContain(
      `This runner cannot read the blobs of acme/app, so nothing could be verified after the purge. ${cause}`,
    )
    expect(text(problem).endsWith(end)).toBe(true)
    expect(items(problem)).toEqual(['acme/app'])
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

import { expect, test } from '@jest/globals'
import type { Tag } from '../../../src/oci/tag.js'
import type { TagState } from '../../../src/survey/facts.js'
import { Listing } from '../../../src/survey/lists/listing.js'
import { json, registryOf, REPO } from '../wire.js'

/** A list in the order of keys, which hides `v10` behind `v1`. */
const hiding = () => {
  const { tools, asked } = registryOf((path) => {
    if (!path.includes('last=')) return json({ tags: ['v1-alpine', 'v1'] })
    return json({ tags: path.includes('last=v1%2F') ? ['v10'] : [] })
  })
  return { listing: new Listing(tools, REPO), asked }
}
const unknown: TagState = { is: 'unknown' }

test('a whole list has the tags that the registry hides, and a remark says so', async () => {
  const { listing } = hiding()
  expect(await listing.whole()).toEqual(['v1-alpine', 'v1', 'v10'])
  expect(listing.remarks).toEqual([{ kind: 'hidden-tags-found', repository: REPO, count: 1 }])
})

test('a quick list has those that were found before, without the deleted ones', async () => {
  const { listing, asked } = hiding()
  await listing.whole()
  const before = asked.length
  expect(await listing.quick(new Set(), false)).toEqual(['v1-alpine', 'v1', 'v10'])
  expect(await listing.quick(new Set(['v10' as Tag]), false)).toEqual(['v1-alpine', 'v1'])
  expect(asked.slice(before)).toEqual([`/v2/${REPO}/tags/list`, `/v2/${REPO}/tags/list`])
})

test('a name that only the search found, and that does not resolve, is no tag', async () => {
  const { listing } = hiding()
  const listed = await listing.whole()
  const tags = new Map(listed.map((tag): [Tag, TagState] => [tag, unknown]))
  expect(listing.removeLeftovers(listed, tags)).toEqual(['v1-alpine', 'v1'])
  expect([...tags.keys()]).toEqual(['v1-alpine', 'v1'])
})

test('a hidden tag that was known before stays listed', async () => {
  const { listing } = hiding()
  const listed = await listing.whole()
  const tags = new Map([['v10' as Tag, unknown]])
  expect(listing.removeLeftovers(listed, tags, new Map([['v10' as Tag, unknown]]))).toContain('v10')
  expect([...tags.keys()]).toEqual(['v10'])
})

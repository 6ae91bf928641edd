import { describe, expect, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { readyIn } from '../e2e/support/ready-lines.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { realDeletes } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/app'

const leak = ociImage('leak', { layers: ['base', 'secret'] })
const keep = ociImage('keep', { layers: ['base', 'app'] })
/** The leak with the same config and layers, but another manifest. */
const twin = ociImage('leak', { layers: ['base', 'secret'], annotations: { built: 'twice' } })
const sibling = ociImage('sibling')
const cousin = ociImage('cousin')
const multi = ociIndex([leak, sibling])
const outer = ociIndex([multi, cousin])
const signature = ociImage('signature')
const signatureTag = `${sibling.digest.replace(':', '-')}.sig`

/** `leak` in an index that is in another one, the other children of both with tags, a twin of the leak, a signature. */
const ALL = { leak, multi, sibling, outer, cousin, twin, keep, [signatureTag]: signature }
const FURTHER = ['cousin', 'multi', 'outer', 'sibling', 'twin'] as const

async function registryOf(tags: Readonly<Record<string, Parameters<typeof pushImage>[2]>>, repo = REPO) {
  const registry = await registryWith()
  for (const [tag, image] of Object.entries(tags)) pushImage(registry.store, repo, image, tag)
  return registry
}

/** The lines that the refusals say to paste. */
const pasted = ({ problems }: EngineRun) => readyIn(problems.split('\n'))
const line = (tag: keyof typeof ALL): string => `${REPO}:${tag}@${ALL[tag]?.digest ?? ''}`

describe('what has to be named with the leak is printed at once, and is enough:', () => {
  test('the indexes over it, their other children, and twins', async () => {
    const registry = await registryOf(ALL)
    const first = await runEngine(registry, { image: `${REPO}:leak` })
    expect(first.result).toBe('refused')
    expect(realDeletes(registry, Object.keys(ALL))).toEqual([])
    expect(pasted(first)).toEqual({ image: [...FURTHER.map(line), line('leak')].join('\n'), blobs: '' })
    expect(first.problems).toContain(
      `5 further tags (${FURTHER.map((tag) => `${REPO}:${tag}`).join(', ')}) and 1 tag attached to them (${REPO}:${signatureTag}) must be deleted as well.`,
    )
    expect(first.problems).toContain('With `scope: tag` the run would remove only the label acme/app:leak')

    const second = await runEngine(registry, { image: pasted(first).image, 'verify-timeout': '30s' })
    expect(second.result).toBe('purged')
    expect(registry.store.tags(REPO)).toEqual(['keep'])
  })

  test('every line of it is needed', async () => {
    const registry = await registryOf(ALL)
    for (const left of FURTHER) {
      const image = [...FURTHER.filter((tag) => tag !== left), 'leak'].map((tag) => `${REPO}:${tag}`)
      const run = await runEngine(registry, { image: image.join('\n'), 'dry-run': 'true' })
      expect([left, run.result]).toEqual([left, 'refused'])
      expect(run.problems).toContain(`1 further tag (${REPO}:${left})`)
    }
  })

  test('all tags that need a named blob', async () => {
    const registry = await registryOf({ leak, keep, other: ociImage('other') })
    const base = layer('base').digest
    const first = await runEngine(registry, { blobs: `${REPO}@${base}` })
    expect(first.result).toBe('refused')
    expect(first.problems).toContain(
      `${REPO}@${base} (named in \`blobs\`) is needed by 2 remaining tags: keep, leak`,
    )
    expect(pasted(first)).toEqual({
      image: `${line('keep')}\n${line('leak')}`,
      blobs: `${REPO}@${base}`,
    })
    const second = await runEngine(registry, { ...pasted(first), 'verify-timeout': '30s' })
    expect(second.result).toBe('purged')
    expect(registry.store.tags(REPO)).toEqual(['other'])
  })

  test('in every repository of the run, with what was named in the others', async () => {
    const registry = await registryOf({ leak, multi, keep })
    for (const [tag, image] of Object.entries({ leak, again: leak, keep })) {
      pushImage(registry.store, 'acme/one', image, tag)
      pushImage(registry.store, 'acme/three', image, tag)
    }
    const named = [`acme/one@${leak.digest}`, `${REPO}:leak`, 'acme/three:keep']
    const first = await runEngine(registry, { image: named.join('\n') })
    expect(first.result).toBe('refused')
    expect(pasted(first).image.split('\n')).toEqual([
      `acme/one:again@${leak.digest}`,
      `acme/one:leak@${leak.digest}`,
      line('multi'),
      named[0],
      line('leak'),
      `acme/three:keep@${keep.digest}`,
    ])
    // Once as refusals, and once in the log of the plan.
    expect(first.problems.match(/^image: \|$/gm)).toHaveLength(1)
    const second = await runEngine(registry, { ...pasted(first), blobs: '', 'verify-timeout': '30s' })
    expect(second.result).toBe('purged')
  })
})

test('the log has the lines whole, and none that would be refused again', async () => {
  const registry = await registryOf(ALL)
  const run = await runEngine(registry, { image: `${REPO}:leak` })
  const from = run.log.indexOf('▸ Plan')
  const plan = run.log.slice(from, run.log.indexOf('◂', from))
  expect(readyIn(plan)).toEqual(pasted(run))
  expect(plan.filter((each) => each === 'image: |')).toHaveLength(1)
  expect(run.log.join('\n')).not.toContain('To go on or to verify again')
})

test('a protected tag leaves no way, and is said with its entry', async () => {
  const registry = await registryOf(ALL)
  const run = await runEngine(registry, { image: `${REPO}:leak`, 'protected-tags': 'cous*' })
  expect(run.result).toBe('refused')
  expect(run.problems).toContain(
    '`protected-tags` keeps acme/app:cousin (by cous*), which serves or needs it, so it cannot be purged.',
  )
  expect(pasted(run)).toEqual({ image: '', blobs: '' })
})

test('a child of an index, from a scanner’s report, says how it was named', async () => {
  const registry = await registryOf({ multi, keep })
  const run = await runEngine(registry, { image: `${REPO}@${leak.digest}` })
  expect(run.problems).toContain(
    `${REPO}@${leak.digest} (named in \`image\`) is needed by a remaining tag: multi (in the index ${multi.digest}). Leave it out of \`image\` if it may stay.`,
  )
  expect(pasted(run).image).toBe(`${line('multi')}\n${REPO}@${leak.digest}`)
})

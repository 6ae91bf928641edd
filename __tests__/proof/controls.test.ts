import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import type { Control } from '../../src/proof/control.js'
import { controlsFor } from '../../src/proof/controls.js'
import { at, image, index, planOf, surveyOf, type Scene } from '../plan/pieces.js'

const leak = image('leak')
const one = image('one')
const two = image('two')
const SCENE: Scene = { read: [leak, one, two], tags: { leak, one, two } }

function controlsIn(
  scene: Scene,
  { absent = [], elsewhere = [] }: { absent?: Digest[]; elsewhere?: Digest[] } = {},
): (round: number, clean: number) => Control[] {
  return controlsFor(planOf(scene), surveyOf(scene), new Set(absent), new Set(elsewhere))
}
const blob = (digest: Digest | undefined): object => ({ kind: 'blob', digest })
const manifest = (digest: Digest): object => ({ kind: 'manifest', digest })

describe('the controls', () => {
  test('are configs and manifests of remaining tags, in turn', () => {
    const controls = controlsIn(SCENE)
    const blobs = [blob(one.config?.digest), blob(two.config?.digest)]
    const manifests = [manifest(at(one)), manifest(at(two))]
    expect(controls(0, 0)).toEqual([...blobs, ...manifests])
    expect(controls(0, 1)).toEqual([...manifests, ...blobs])
    expect(controls(1, 2)[0]).toEqual(blobs[1])
  })

  test('of an index are the configs of its images', () => {
    const both = index('both', [one, two])
    const controls = controlsIn({ read: [leak, both, one, two], tags: { leak, both } })
    expect(controls(0, 0)).toEqual([blob(one.config?.digest), blob(two.config?.digest), manifest(at(both))])
  })

  test('that were not there come last', () => {
    const controls = controlsIn(SCENE, { absent: [one.config?.digest ?? at(one)] })
    expect(controls(0, 0).slice(0, 2)).toEqual([blob(two.config?.digest), blob(one.config?.digest)])
  })

  test('are nothing that this run purges, here or elsewhere', () => {
    const shared = image('shared', { config: 'config of leak' })
    const scene = { read: [leak, one, shared], tags: { leak, one, shared } }
    const all = controlsIn(scene, { elsewhere: [at(one)] })(0, 0)
    expect(all).not.toContainEqual(manifest(at(one)))
    expect(all).not.toContainEqual(manifest(at(leak)))
    // The config stays, since a tag needs it.
    expect(all).toContainEqual(blob(leak.config?.digest))
    expect(controlsIn(scene, { elsewhere: [leak.config?.digest ?? at(leak)] })(0, 0)).not.toContainEqual(
      blob(leak.config?.digest),
    )
  })

  test('are what loses only its label, unless another repository purges it', () => {
    const scene: Scene = {
      read: [leak],
      tags: { leak },
      target: { tags: [{ tag: 'leak' as Tag, onlyLabel: { kind: 'needed' } }] },
      rules: { scope: 'tag' },
      facts: { untagging: { is: 'possible', way: 'tag' } },
    }
    expect(controlsIn(scene)(0, 1)).toContainEqual(manifest(at(leak)))
    expect(controlsIn(scene, { elsewhere: [at(leak)] })(0, 1)).not.toContainEqual(manifest(at(leak)))
  })

  test('are the repository itself if nothing remains', () => {
    expect(controlsIn({ read: [leak], tags: { leak } })(3, 1)).toEqual([{ kind: 'repository', empty: true }])
    const broken: Scene = { read: [leak], tags: { leak, left: at(one) } }
    expect(controlsIn(broken, { elsewhere: [at(one)] })(0, 0)).toEqual([{ kind: 'repository', empty: true }])
  })
})

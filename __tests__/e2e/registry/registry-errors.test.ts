import { expect, test } from '@jest/globals'
import { push } from '../../../testbed/images/push.js'
import { pushScene } from '../../../testbed/images/scene.js'
import { expectRefusal } from '../support/refused.js'
import { imageOf } from '../support/scenes.js'
import { expectResult, onRegistry, purge, sharedRegistry, versions } from '../support/support.js'

for (const version of versions) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test('an unknown tag is refused with the tags that exist', async () => {
      const { repository, tags, leak } = await pushScene(registry())
      const asked = { tags: Object.keys(tags), manifests: [leak.digest] }
      const run = await expectRefusal(registry(), repository, asked, { image: `${repository}:debug-24` })
      expect(run.errors).toContain(`${repository}:debug-24 does not exist`)
      for (const tag of Object.keys(tags)) expect(run.errors).toContain(tag)
    })

    test('of many tags an error shows the first 20', async () => {
      const image = imageOf('base')
      for (let number = 10; number < 35; number++) await push(registry(), 'errors/many', image, `v${number}`)
      const run = await purge(registry(), { image: 'errors/many:leak' })
      expectResult(run, 'refused')
      expect([...run.errors.matchAll(/\bv\d\d\b/g)]).toHaveLength(20)
      expect(run.errors).toContain('5 more')
    })

    test('an unknown repository is refused, and one bad repository refuses the whole run', async () => {
      const { repository, leak, tags } = await pushScene(registry())
      const asked = { tags: Object.keys(tags), manifests: [leak.digest] }
      const image = `${repository}:${leak.tag}, acme/serch-indexer:debug-42`
      const run = await expectRefusal(registry(), repository, asked, { image })
      expect(run.errors).toMatch(/no repository acme\/serch-indexer: 404 NAME_UNKNOWN/)
    })

    test('a wrong password is refused, naming the inputs and not the password', async () => {
      const { repository, leak } = await pushScene(registry())
      const run = await purge(registry(), {
        image: `${repository}:${leak.tag}`,
        password: 'open-sesame-1234',
      })
      expectResult(run, 'refused')
      expect(run.errors).toMatch(
        /refuses the credentials from the inputs `username` and `password` for the list of tags of \S+ \(401/,
      )
    })

    test('without credentials a registry that wants them is refused, naming the inputs', async () => {
      const { repository, leak } = await pushScene(registry())
      const image = `${repository}:${leak.tag}`
      const run = await purge(registry(), { image, username: undefined, password: undefined })
      expectResult(run, 'refused')
      expect(run.errors).toMatch(/asks for credentials .* \(401.*`username` and `password`/)
    })
  })
}

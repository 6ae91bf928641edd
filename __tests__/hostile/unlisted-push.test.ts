/** A list may leave a tag out, and so a new push of one that was purged: it is somebody's all the same. */
import { expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'

test.each(['image', 'tag'])(
  'a purged tag that is pushed again, and is in no list, is left (scope: %s)',
  async (scope) => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const other = ociImage('somebody else’s')
    let pushed = false
    registry.options.intercept = ({ method, path, headers }, store) => {
      const round = method === 'GET' && path.endsWith('/manifests/debug-42') && headers.connection === 'close'
      if (pushed || !round || store.resolve(REPO, 'debug-42') !== undefined) return
      pushed = true
      registry.options.unlisted = ['debug-42']
      pushImage(store, REPO, other, 'debug-42')
    }
    const run = await runEngine(registry, { image: `${REPO}:debug-42`, scope })
    expect(pushed).toBe(true)
    expect(run.result).toBe('incomplete')
    expect(registry.store.resolve(REPO, 'debug-42')).toBe(other.digest)
  },
)

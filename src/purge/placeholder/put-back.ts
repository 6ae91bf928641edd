import type { PutBackFailure } from '../../plan/problems/purge.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { WireError } from '../../registry/errors.js'
import { pauseAfter, pauseBetween, TRIES } from '../pauses.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'
import { pointing } from './pointing.js'
import type { Replaced } from './put.js'

/** Makes a tag point to its manifest again, if it still points to the placeholder. @throws Stopped */
export async function putBack(
  purge: RepositoryPurge,
  { tag, digest, mediaType, body }: Replaced,
  dummy: Dummy,
): Promise<{ readonly is: 'back' } | PutBackFailure> {
  const { client, clock } = purge.tools
  let failure: PutBackFailure = { is: 'absent' }
  for (let tried = 1; tried <= TRIES; tried++) {
    let pause = pauseBetween(tried)
    const now = await pointing(purge, tag, dummy)
    if (now.is === 'manifest' && now.digest === digest) return { is: 'back' }
    if (now.is === 'manifest' && !now.ours) return { is: 'moved', to: now.digest }
    failure = now.is === 'unclear' ? { is: 'answered', answered: now.answered } : { is: 'absent' }
    if (now.is === 'manifest') {
      const response = await attempt(client.putManifest(purge.plan.repository, tag, mediaType, body))
      failure = { is: 'answered', answered: outcomeOf(response) }
      pause = pauseAfter(response, tried, clock.now())
      const throttled = !(response instanceof WireError) && response.status === 429
      if (throttled && !client.stop.aborted) tried--
    }
    await clock.sleep(pause, client.stop)
  }
  const last = await pointing(purge, tag, dummy)
  return last.is === 'manifest' && last.digest === digest ? { is: 'back' } : failure
}

import type { AccessProblem } from '../../../plan/problems/access.js'
import type { BlobsClosed } from '../../../survey/facts.js'
import { count } from '../../text.js'
import { contentName } from '../names.js'
import type { Words } from '../wording.js'

const INSTEAD = 'Or have the registry serve the blobs itself (distribution: `storage.redirect.disable: true`)'
const UNVERIFIABLE = 'so nothing could be verified after the purge'

/** The words for what could not be verified at the end. */
export const accessWords: Words<AccessProblem> = {
  'blobs-unreadable': ({ why, ...about }) => ({
    text: `This runner cannot read the blobs of ${about.repository}, ${UNVERIFIABLE}. ${cause(contentName(about), why)}`,
    items: [about.repository],
  }),
  'blobs-missing': ({ tried, answered, ...about }) => ({
    text: `None of the ${count(tried, 'blob')} that the remaining tags of ${about.repository} need can be read, ${UNVERIFIABLE}. The last one is ${contentName(about)} (${answered}). Check the registry and its storage, and run again`,
    items: [about.repository],
  }),
}

function cause(name: string, why: BlobsClosed): string {
  switch (why.is) {
    case 'unreachable':
      return `The registry redirects them to its storage at ${why.storage}, ${why.reason}. ${reach(why.storage)}`
    case 'storage-refused':
      return `The registry redirects them to its storage at ${why.storage}, which returned ${why.answered}. Check that storage, and the clock and the credentials with which the registry signs its links. ${INSTEAD}`
    case 'refused':
      return why.denied
        ? `The registry returned ${why.answered} for ${name}. Give the user the action \`pull\` on ${name.replace(/@.*/, '')}`
        : `The registry returned ${why.answered} for ${name}. Check the registry and its storage, and run again`
    case 'foreign':
      return `Something in front of the registry, such as a proxy, a firewall or a login page, returned ${why.answered} for ${name}. Let requests to /v2/ through, and run again`
    case 'unanswered':
      return why.message
  }
}

function reach(storage: string): string {
  return `Run where ${storage} can be reached, by https if the registry uses https (an authority of its own belongs in \`ca-certificate\`). ${INSTEAD}`
}

import { meaningOf } from '../../registry/answers/classify.js'
import type { Response } from '../../registry/send.js'

/** @returns whether the response to the DELETE of a placeholder, or of one of its blobs, shows that it is gone */
export function isDeleted(asked: 'delete-manifest' | 'delete-blob', response: Response): boolean {
  return ['done', 'asynchronous', 'unknown', 'perhaps-unknown'].includes(meaningOf(asked, response))
}

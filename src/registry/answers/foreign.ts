import type { Response } from '../send.js'
import { meaningOf } from './classify.js'

/**
 * @returns whether something in front of the registry answered a read, such as a firewall or a login page. A 200 that does
 *   not announce a web page is not parsed for this: most responses are manifests and configs
 */
export function isForeign(asked: 'manifest' | 'blob', response: Response): boolean {
  const announced = (response.headers.get('content-type') ?? '').toLowerCase().includes('html')
  return (response.status !== 200 || announced) && meaningOf(asked, response) === 'foreign'
}

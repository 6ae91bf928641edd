import type { Request, Response, Send } from '../send.js'
import { parseChallenges, type Challenge } from './challenge.js'

/**
 * Remembers the latest Bearer challenge to each kind of request. A registry may refuse a request without a challenge (403), or
 * with another one than the one that names the scope (Harbor), and only the challenge tells which right is missing.
 */
export class Challenged {
  readonly #latest = new Map<string, Challenge>()

  /** @returns a Send that notes the challenges in its responses */
  noting(send: Send): Send {
    return async (request) => {
      const response = await send(request)
      const bearer = isRefusal(response)
        ? parseChallenges(response.headers.get('www-authenticate') ?? '').find(
            ({ scheme }) => scheme === 'bearer',
          )
        : undefined
      if (bearer !== undefined) this.#latest.set(needOf(request), bearer)
      return response
    }
  }

  /** @returns the response; with the challenge if it refuses the request */
  explained(request: Request, response: Response): Response {
    const challenge = isRefusal(response) ? this.#latest.get(needOf(request)) : undefined
    return challenge === undefined ? response : { ...response, challenge }
  }
}

function isRefusal({ status }: Response): boolean {
  return status === 401 || status === 403
}

/** @returns a key that is the same for all requests that need the same permission */
export function needOf({ method, url }: Request): string {
  const kind = method === 'GET' || method === 'HEAD' ? 'read' : method === 'DELETE' ? 'delete' : 'write'
  const [, repository = url.pathname] =
    /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname) ?? []
  return `${kind} ${repository}`
}

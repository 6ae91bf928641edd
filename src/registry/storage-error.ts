import { describe, display, shownUrl, WireError } from './errors.js'
import type { Request, Response } from './send.js'

/**
 * The registry redirects a blob to its storage, and from there came no complete response. The message names the host of
 * the storage, and never its link, which may be signed.
 */
export class StorageError extends WireError {
  /** Host and port of the storage, or a placeholder if the redirect holds a secret there. */
  readonly storage: string
  /** What happened, as the end of a sentence about the storage. */
  readonly reason: string

  /**
   * @param requested the request to the registry
   * @param storage as `storageOf` returns it
   * @param error the failure of the request to the storage, or the reason why none was sent
   */
  constructor(requested: Request, storage: string, { failure, code }: Pick<WireError, 'failure' | 'code'>) {
    super(requested, failure, code)
    this.storage = storage
    this.reason = reasonOf(failure, code)
    this.message = `${requested.method} ${display(shownUrl(requested))}: the registry redirects it to its storage at ${storage}, ${this.reason}. Let this runner reach that storage, or have the registry serve blobs itself (distribution: \`storage.redirect.disable: true\`)`
  }
}

/** @returns host and port of a storage, for a message */
export function storageOf(request: Pick<Request, 'url' | 'hidden'>): string {
  return shownUrl(request).host
}

/** As `describe`, and names the storage if the response comes from there. */
export function describeSource(response: Response): string {
  const said = describe(response)
  return response.storage === undefined ? said : `${said} from its storage at ${response.storage}`
}

const UNTRUSTED = /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/

function reasonOf(failure: WireError['failure'], code: string): string {
  if (failure === 'timeout' || code === 'ECONNECTLIMIT' || code === 'ETIMEDOUT')
    return 'from which no complete response came in time'
  if (failure === 'forbidden-address') return `an address to which this action never connects (${code})`
  if (failure === 'too-large') return `whose response is larger than this action accepts (${code} bytes)`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `a name that this runner cannot resolve (${code})`
  if (code === 'ECONNREFUSED') return `where nothing listens (${code})`
  if (UNTRUSTED.test(code)) return `whose certificate this runner does not trust (${code})`
  return `with which the connection failed (${code})`
}

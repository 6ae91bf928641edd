import { display, shownUrl, WireError } from './errors.js'
import type { Request, Response } from './send.js'
import { describeSource } from './storage-error.js'

/** Counts the attempts that failed, for the message of a run whose time was up because of them. */
export class Failures {
  #attempts = 0
  #last = ''

  /** Adds an attempt that failed. @param failed the response, or the error if there was none */
  add(request: Request, failed: Response | WireError): void {
    this.#attempts++
    this.#last =
      failed instanceof WireError
        ? failed.message
        : `${request.method} ${display(shownUrl(request))}: ${describeSource(failed)}`
  }

  /** How many attempts failed, and the last of them in one bounded line. Undefined if none did. */
  get summary(): { readonly attempts: number; readonly last: string } | undefined {
    return this.#attempts === 0 ? undefined : { attempts: this.#attempts, last: this.#last }
  }
}

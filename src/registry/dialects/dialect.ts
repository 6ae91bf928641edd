import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Client } from '../client.js'
import type { Deleting } from '../reading.js'
import type { Response } from '../send.js'

/** One endpoint that deletes a tag and keeps its manifest. Registries differ in it. */
export interface Dialect {
  /** One word, for plans and the report. */
  readonly name: string
  /** Its name in the log, after "by". */
  readonly title: string

  /**
   * Deletes one tag. With the purpose `probe` and a tag that does not exist, it only checks for the endpoint.
   *
   * @throws WireError, Stopped
   */
  remove(client: Client, repository: Repository, tag: Tag, deleting: Deleting): Promise<Response>

  /** @returns whether the response to a probe shows that the registry has this endpoint, even if it denies access */
  recognise(response: Response): boolean
}

import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Client } from '../client.js'
import type { Deleting } from '../reading.js'
import type { Response } from '../send.js'

/** One way in which registries delete a tag and keep its manifest. */
export interface Dialect {
  /** One word, for plans and the report. */
  readonly name: string
  /** What the log calls it: follows "by". */
  readonly title: string

  /**
   * Deletes one tag. With the purpose `probe`, and a tag that does not exist, it probes for the dialect.
   *
   * @throws WireError, Stopped
   */
  remove(client: Client, repository: Repository, tag: Tag, deleting: Deleting): Promise<Response>

  /** @returns whether the response to a probe shows that the registry has this endpoint, allowed or not */
  recognise(response: Response): boolean
}

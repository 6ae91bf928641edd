import type { Fault, GivenAnswer } from './answer.js'
import type { RecordedRequest } from './request.js'

export type Kind = 'tag' | 'manifest' | 'blob'

/** What a read of one reference answers instead of the truth. */
export type ReadTwist =
  /** An error with this status, at once, whether or not the thing exists (an unreadable tag). */
  | number
  /** Any answer, likewise. */
  | GivenAnswer
  /** No answer, likewise. */
  | Fault
  /** A schema 1 manifest, signed, with a digest of its own, as 2.8 makes of a Docker image for an old client. */
  | 'schema-1'
  /** The true bytes under another Docker-Content-Digest. */
  | 'wrong-digest-header'
  /** The true bytes without Docker-Content-Digest (seen on ECR). */
  | 'no-digest-header'
  /** Other bytes under the true Docker-Content-Digest. */
  | 'wrong-body'
  /** A Content-Length that is larger than what is sent before the connection drops. */
  | 'cut-body'
  /** A cached descriptor for bytes that are gone: HEAD 200, GET 200 with headers and then a dropped connection. */
  | 'stale-descriptor'
  /** 200 with a page of HTML, as a login portal in front of the registry sends it. */
  | 'html'

export interface DeleteTarget {
  readonly kind: Kind
  readonly repo: string
  readonly reference: string
  /** How often this very thing was asked to go, this time included. */
  readonly attempt: number
  readonly request: RecordedRequest
}

/** What becomes of a deletion that would have succeeded: whether it takes place, and what is said about it. */
export interface DeleteTwist {
  readonly worked: boolean
  readonly answer: GivenAnswer | Fault
}

/** The usual ways in which a deletion and its answer disagree. */
export const deleteTwists = {
  /** 500, and it worked (a stale replica, a corrupt tag, Docker Hub). */
  failedButWorked: { worked: true, answer: { status: 500, body: { errors: [{ code: 'UNKNOWN' }] } } },
  /** 500, and nothing happened. */
  failed: { worked: false, answer: { status: 500, body: { errors: [{ code: 'UNKNOWN' }] } } },
  /** The connection is dropped after the work. */
  resetButWorked: { worked: true, answer: 'reset' },
  /** The connection is dropped before the work. */
  reset: { worked: false, answer: 'reset' },
  /** No answer at all, though it worked: a time-out of the client. */
  hangButWorked: { worked: true, answer: 'hang' },
  hang: { worked: false, answer: 'hang' },
  /** 200 instead of 202. */
  ok: { worked: true, answer: { status: 200 } },
  /** 204 instead of 202. */
  noContent: { worked: true, answer: { status: 204 } },
  /** 202 that did nothing. */
  lie: { worked: false, answer: { status: 202 } },
  /** 202 with an `errors` body as plain text: gone, though a tag could not be removed (3.x). */
  acceptedWithErrors: {
    worked: true,
    answer: {
      status: 202,
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      body: '{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":"unlinkat: operation not permitted"}]}\n',
    },
  },
} as const satisfies Record<string, DeleteTwist>

import { describe, expect, test } from '@jest/globals'
import { meaningOf, rowOf, TABLE } from '../../../src/registry/answers/classify.js'
import { formOf } from '../../../src/registry/answers/form.js'
import type { Asked, Form, Meaning, Row } from '../../../src/registry/answers/meaning.js'
import type { Response } from '../../../src/registry/send.js'
import { response } from '../wire.js'

const errors = (code: string): string => JSON.stringify({ errors: [{ code, message: 'words' }] })
const BODIES: Readonly<Record<Exclude<Form, 'errors'>, [type: string, body: string]>> = {
  'no-keys': ['application/json', '{}'],
  index: ['application/json', '{"schemaVersion":2,"manifests":[]}'],
  json: ['application/json', '{"message":"no"}'],
  html: ['text/html', '<!doctype html><html></html>'],
  text: ['text/plain', '404 page not found\n'],
  empty: ['text/plain', ''],
}

/** Every response that a row may be about, as far as its own fields tell. */
function examplesOf({ status, form, code, allowsDelete }: Row): Response[] {
  const number = typeof status === 'number' ? status : Number(`${status[0]}66`)
  const allow: Record<string, string> = allowsDelete === false ? { allow: 'GET, HEAD' } : {}
  const codes = (code ?? ['OF_ITS_OWN']).map((each) => each.replace('*', 'SOME'))
  return (form ?? ['errors', 'json', 'html', 'text', 'empty', 'no-keys', 'index']).flatMap((each) =>
    each === 'errors'
      ? codes.map((name) => response(number, { ...allow }, errors(name)))
      : [response(number, { ...allow, 'content-type': BODIES[each][0] }, BODIES[each][1])],
  )
}

const rows = TABLE.map((row, at) => [`${at}: ${row.asked[0]} ${row.status} ${row.means}`, row] as const)

describe('the table of responses', () => {
  test.each(rows)('row %s is not hidden by an earlier one, for any of its requests', (_, row) => {
    for (const asked of row.asked) {
      const hit = examplesOf(row).filter((example) => rowOf(asked, example) === row)
      expect([asked, hit.length > 0]).toEqual([asked, true])
      for (const example of hit) expect(meaningOf(asked, example)).toBe(row.means)
    }
  })

  test('names a source in every row', () => {
    for (const [name, { source }] of rows) expect([name, source.length > 5]).toEqual([name, true])
  })

  test.each<[string, Asked, Response, Meaning]>([
    ['distribution, unknown', 'probe-manifest', response(404, {}, errors('MANIFEST_UNKNOWN')), 'unknown'],
    [
      'olareg, unknown',
      'probe-blob',
      response(404, { 'content-type': 'text/plain; charset=utf-8' }, errors('BLOB_UNKNOWN')),
      'unknown',
    ],
    ['Harbor, unknown', 'probe-manifest', response(404, {}, errors('NOT_FOUND')), 'unknown'],
    ['Harbor, gone', 'delete-manifest', response(404, {}, errors('NOT_FOUND')), 'perhaps-unknown'],
    ['Harbor, unknown repository', 'tag-list', response(404, {}, errors('NOT_FOUND')), 'perhaps-unknown'],
    ['distribution, unknown repository', 'tag-list', response(404, {}, errors('NAME_UNKNOWN')), 'unknown'],
    ['zot, unknown repository', 'probe-manifest', response(400, {}, errors('NAME_UNKNOWN')), 'unclear'],
    ['distribution, deletion off', 'probe-blob', response(405, {}, errors('UNSUPPORTED')), 'off'],
    ['olareg, deletion off', 'probe-manifest', response(405), 'off'],
    [
      'distribution, read-only',
      'probe-manifest',
      response(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' }, 'Method not allowed\n'),
      'read-only',
    ],
    [
      'nginx, no DELETE',
      'probe-manifest',
      response(405, { 'content-type': 'text/html' }, '<html>405</html>'),
      'foreign',
    ],
    [
      'ECR, formerly',
      'probe-manifest',
      response(404, { 'content-type': 'text/plain' }, '404 page not found\n'),
      'unsupported',
    ],
    ['distribution 2.x, tag', 'delete-tag', response(400, {}, errors('DIGEST_INVALID')), 'unsupported'],
    ['Harbor, tag', 'probe-tag', response(400, {}, errors('UNSUPPORTED')), 'unsupported'],
    ['Pulp, tag', 'delete-tag', response(400, {}, errors('INVALID_REQUEST')), 'locked'],
    ['Pulp, tag', 'probe-tag', response(400, {}, errors('INVALID_REQUEST')), 'unclear'],
    ['zot, referenced', 'delete-blob', response(405, {}, errors('DENIED')), 'referenced'],
    ['GitLab, referenced', 'delete-manifest', response(409, {}, errors('MANIFEST_REFERENCED')), 'referenced'],
    ['Harbor, immutable', 'delete-manifest', response(412, {}, errors('PRECONDITION')), 'locked'],
    ['Quay, immutable', 'delete-tag', response(409, {}, errors('TAG_IMMUTABLE')), 'locked'],
    ['zot, no right', 'delete-manifest', response(403, {}, errors('DENIED')), 'forbidden'],
    [
      'a firewall',
      'delete-manifest',
      response(403, { 'content-type': 'text/html' }, '<html>no</html>'),
      'foreign',
    ],
    [
      'a firewall that hides its type',
      'delete-manifest',
      response(403, {}, '\n<!DOCTYPE HTML PUBLIC>'),
      'foreign',
    ],
    [
      'zot, wrong credentials',
      'probe-manifest',
      response(401, {}, '{"code":"UNAUTHORIZED"}'),
      'unauthenticated',
    ],
    ['Gitea, any blob', 'probe-blob', response(202), 'asynchronous'],
    ['a stale replica', 'delete-manifest', response(500, {}, errors('UNKNOWN')), 'failed'],
    ['http to https', 'probe-manifest', response(301, { location: 'https://x/' }), 'redirected'],
    [
      'a tag that is not allowed twice',
      'delete-tag',
      response(429, {}, errors('TOOMANYREQUESTS')),
      'throttled',
    ],
    ['a code of its own', 'delete-tag', response(404, {}, errors('NO_SUCH_TAG')), 'unclear'],
    [
      'distribution, no referrers',
      'referrers',
      response(404, { 'content-type': 'text/plain' }, '404 page not found\n'),
      'unsupported',
    ],
    ['Artifactory, no referrers', 'referrers', response(406), 'unsupported'],
    ['Harbor, referrers of nothing', 'referrers', response(200, {}, '{}'), 'unknown'],
    ['a login page', 'manifest', response(200, { 'content-type': 'text/html' }, '<html>'), 'foreign'],
    ['an unknown status', 'probe-manifest', response(418), 'unclear'],
    ['an unknown status', 'delete-manifest', response(418), 'locked'],
  ])('%s: a %s', (_, asked, answer, meaning) => {
    expect(meaningOf(asked, answer)).toBe(meaning)
  })
})

describe('the form of a body', () => {
  test.each<[string, string, Form]>([
    ['text/plain', errors('DENIED'), 'errors'],
    ['application/json', '{"errors":[]}', 'json'],
    ['application/json', '[]', 'json'],
    ['application/json', '"text"', 'json'],
    ['application/json', '{"manifests":null}', 'index'],
    ['text/html', '{}', 'no-keys'],
    ['text/html', 'blocked', 'html'],
    ['application/json', '  <html lang="en">', 'html'],
    ['text/plain', '<htmlish', 'text'],
    ['text/html', '   ', 'html'],
    ['text/plain', '   ', 'empty'],
  ])('%s %j is %s', (type, body, form) => {
    expect(formOf(response(200, { 'content-type': type }, body))).toBe(form)
  })
})

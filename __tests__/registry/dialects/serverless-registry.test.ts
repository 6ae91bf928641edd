import { describe, expect, test } from '@jest/globals'
import { nextStep } from '../../../src/registry/dialects/dialects.js'
import { response } from '../wire.js'
import { errorBody } from './requests.js'

const ITEM = `/v2/acme/app/manifests/sha256:${'ab'.repeat(32)}`
const from = new URL(`https://registry.example.com${ITEM}`)
const MANIFEST_TAGS = errorBody('MANIFEST_TAGS')
const step = (link: string | undefined, status = 400, body = MANIFEST_TAGS): unknown =>
  nextStep(response(status, link === undefined ? {} : { link }, body), from)

describe('a DELETE on serverless-registry', () => {
  test.each([
    ['in brackets', `<https://registry.example.com${ITEM}?last=abc>; rel="next"`],
    ['without brackets', `https://registry.example.com${ITEM}?last=abc; rel=next`],
    ['relative', `<${ITEM}?last=abc>; rel="next"`],
    ['with a digest in percent-encoding', `<${ITEM.replace('sha256:', 'sha256%3A')}?last=abc>; rel="next"`],
    ['of another scheme', `http://registry.example.com${ITEM}?last=abc; rel=next`],
    ['of another port', `<https://registry.example.com:8787${ITEM}?last=abc>; rel="next"`],
  ])('goes on at the cursor of its Link: %s', (_, link) => {
    expect(step(link)).toEqual({ is: 'goes-on', query: 'last=abc' })
  })

  test('sends the cursor back as it was', () => {
    const link = `<${ITEM}?last=${encodeURIComponent('a+/=& b')}>; rel="next"`
    expect(step(link)).toEqual({ is: 'goes-on', query: 'last=a%2B%2F%3D%26+b' })
  })

  test.each([
    ['another host', `<https://evil.example${ITEM}?last=abc>; rel="next"`],
    ['another repository', '<https://registry.example.com/v2/acme/other/manifests/x?last=abc>; rel="next"'],
    ['another item', '<latest?last=abc>; rel="next"'],
    ['a blob', `<${ITEM.replace('manifests', 'blobs')}?last=abc>; rel="next"`],
    ['the path with more behind it', `<${ITEM}/?last=abc>; rel="next"`],
    ['another parameter', `<${ITEM}?last=abc&force=true>; rel="next"`],
    ['no web address', '<data:x,y>; rel="next"'],
  ])('does not go on to %s', (_, link) => {
    expect(step(link)).toEqual({ is: 'stuck', why: 'elsewhere' })
  })

  test.each([
    ['no Link', undefined],
    ['a Link that is not understood', 'rel="next"'],
    ['a Link of another relation', `<${ITEM}?last=abc>; rel="first"`],
    ['no cursor', `<${ITEM}>; rel="next"`],
    ['an empty cursor', `<${ITEM}?last=>; rel="next"`],
    ['two cursors', `<${ITEM}?last=a&last=b>; rel="next"`],
    ['a cursor that is too long', `<${ITEM}?last=${'a'.repeat(5000)}>; rel="next"`],
  ])('does not go on with %s', (_, link) => {
    expect(step(link)).toEqual({ is: 'stuck', why: 'no-link' })
  })

  test.each([
    ['another code', 400, errorBody('MANIFEST_INVALID')],
    ['another status', 202, MANIFEST_TAGS],
    ['no body', 400, ''],
  ])('is final with %s', (_, status, body) => {
    expect(step(`<${ITEM}?last=abc>; rel="next"`, status, body)).toBeUndefined()
  })
})

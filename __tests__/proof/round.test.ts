import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import type { Item } from '../../src/plan/item.js'
import type { Control } from '../../src/proof/control.js'
import { checkRound } from '../../src/proof/round.js'
import type { Request, Response } from '../../src/registry/send.js'
import { response } from '../registry/wire.js'
import { absent, digestOf, named, options, toolsOn } from './scripted.js'

const MANIFEST: Item = { kind: 'manifest', name: digestOf('a') }
const BLOB: Item = { kind: 'blob', name: digestOf('b') }
const TAG: Item = { kind: 'tag', name: 'debug' as Tag }
const control: Control = { kind: 'blob', digest: sha256('control') }

const isControl = ({ url }: Request): boolean => url.pathname.endsWith(sha256('control'))
const isFor = ({ url }: Request, { name }: Item): boolean => url.pathname.endsWith(name)

/** A registry that has nothing but the control, unless something else is said. */
async function rounded(
  items: readonly Item[],
  respond: (request: Request) => Response | undefined = () => undefined,
) {
  const { tools, sent } = toolsOn(
    (request) => respond(request) ?? (isControl(request) ? response(200, {}, 'control') : absent()),
  )
  return { round: await checkRound(tools, options, items, [control]), sent }
}

describe('a round', () => {
  test('checks each item, with a digest that never existed on each endpoint, and the control', async () => {
    const { round, sent } = await rounded([MANIFEST, BLOB, TAG])
    const known = named(sent).filter((name) => !/sha256:(?!(.)\1{63})/.test(name))
    expect(known.sort()).toEqual([
      `blobs/${MANIFEST.name}`,
      `blobs/${BLOB.name}`,
      `manifests/debug`,
      `manifests/${MANIFEST.name}`,
    ])
    expect(sent).toHaveLength(known.length + 3)
    expect([...round.findings.values()]).toEqual([{ is: 'gone' }, { is: 'gone' }, { is: 'gone' }])
    expect(round.controlFlaw).toBeUndefined()
    expect(round.never).toEqual({ status: 404, type: 'application/json', code: 'BLOB_UNKNOWN' })
  })

  test('counts the responses of both endpoints, and the worse one is its finding', async () => {
    const { round } = await rounded([MANIFEST], (request) =>
      isFor(request, MANIFEST) && request.url.pathname.includes('/blobs/') ? response(200) : undefined,
    )
    expect(round.findings.get(MANIFEST.name)).toMatchObject({ is: 'present', endpoint: 'blobs' })
    expect(round.responses.get(MANIFEST.name)).toEqual({ all: 2, present: 1 })
  })

  test('does not count what proves nothing', async () => {
    const { round } = await rounded([BLOB], (request) => (isFor(request, BLOB) ? response(503) : undefined))
    expect(round.findings.get(BLOB.name)?.is).toBe('inconclusive')
    expect(round.responses.get(BLOB.name)).toEqual({ all: 0, present: 0 })
  })

  test('tells which checks were answered only after failures', async () => {
    const { round } = await rounded([BLOB, TAG], (request) =>
      isFor(request, BLOB) ? { ...absent(), lost: ['503'] } : undefined,
    )
    expect(round.lost).toEqual([['503']])
  })

  test('tells why its control does not vouch, and which were not there', async () => {
    const { round } = await rounded([BLOB], () => absent())
    expect(round.controlFlaw).toMatchObject({ kind: 'control-refused', control })
    expect(round.controlsAbsent).toEqual([sha256('control')])
  })
})

describe('a 404', () => {
  test('that differs from that of a random digest is not gone', async () => {
    const { round } = await rounded([BLOB], (request) =>
      isFor(request, BLOB) ? absent('GATEWAY') : undefined,
    )
    expect(round.findings.get(BLOB.name)).toMatchObject({
      is: 'inconclusive',
      flaw: { kind: 'foreign-absence' },
    })
  })

  test('does not count if a random digest is answered in another way', async () => {
    const { round } = await rounded([BLOB], (request) =>
      isFor(request, BLOB) || isControl(request) ? undefined : response(200),
    )
    expect(round.controlFlaw).toMatchObject({ kind: 'comparison-refused', endpoint: 'blobs' })
    expect(round.never).toBeUndefined()
  })

  test('of a tag may be that of a random tag, which is requested once', async () => {
    const other: Item = { kind: 'tag', name: 'other' as Tag }
    const { round, sent } = await rounded([TAG, other], ({ url }) =>
      url.pathname.includes('sha256:') ? undefined : absent('NAME_UNKNOWN'),
    )
    expect([...round.findings.values()]).toEqual([{ is: 'gone' }, { is: 'gone' }])
    expect(named(sent).filter((name) => name.includes('never'))).toHaveLength(1)
  })

  test('of a tag that is neither is not gone', async () => {
    const { round } = await rounded([TAG], (request) => (isFor(request, TAG) ? absent('GATEWAY') : undefined))
    expect(round.findings.get(TAG.name)?.is).toBe('inconclusive')
  })

  test('of a digest may not be that of a random tag', async () => {
    const { round } = await rounded([MANIFEST], (request) =>
      isFor(request, MANIFEST) || request.url.pathname.includes('registry-purge-never')
        ? absent('NAME_UNKNOWN')
        : undefined,
    )
    expect(round.findings.get(MANIFEST.name)?.is).toBe('inconclusive')
  })
})

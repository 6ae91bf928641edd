import { describe, expect, test } from '@jest/globals'
import * as types from '../../src/oci/mediatype.js'

describe('a media type', () => {
  test.each([
    ['application/vnd.oci.image.index.v1+json', 'index'],
    ['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
    ['application/vnd.oci.image.manifest.v1+json', 'image'],
    ['application/vnd.docker.distribution.manifest.v2+json', 'image'],
    ['application/vnd.oci.artifact.manifest.v1+json', 'artifact'],
    ['application/vnd.docker.distribution.manifest.v1+json', 'schema1'],
    ['application/vnd.docker.distribution.manifest.v1+prettyjws', 'schema1'],
    ['application/vnd.oci.image.layer.v1.tar+gzip', 'blob'],
    ['application/vnd.oci.image.layer.nondistributable.v1.tar', 'blob'],
    ['application/vnd.oci.image.config.v1+json', 'blob'],
    ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'blob'],
    ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'blob'],
    ['application/vnd.docker.container.image.v1+json', 'blob'],
    ['application/vnd.buildkit.cacheconfig.v0', 'blob'],
    ['application/vnd.example.thing+json', 'unknown'],
    ['constructor', 'unknown'],
    ['toString', 'unknown'],
    ['', 'unknown'],
  ])('%s is of the kind %s', (type, kind) => {
    expect(types.kindOf(type)).toBe(kind)
  })

  test.each([
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['  text/plain ;x', 'text/plain'],
    ['', ''],
    [undefined, ''],
  ])('is read from a header: %s', (header, type) => {
    expect(types.essence(header)).toBe(type)
  })

  test('says nothing where it is generic', () => {
    expect(types.isGeneric('')).toBe(true)
    expect(types.isGeneric('application/json')).toBe(true)
    expect(types.isGeneric('application/vnd.oci.image.index.v1+json')).toBe(false)
  })
})

describe('the Accept header', () => {
  const listed = (header: string): string[] => header.split(', ')

  test('lists every type that a registry hides or converts where it is not listed', () => {
    expect(listed(types.ACCEPT)).toEqual([
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.oci.artifact.manifest.v1+json',
      '*/*',
    ])
  })

  test('asks for schema 1 only at the second look at what seems unknown', () => {
    expect(types.ACCEPT).not.toContain('distribution.manifest.v1')
    expect(listed(types.WIDER_ACCEPT)).toEqual(
      expect.arrayContaining([
        ...listed(types.ACCEPT),
        'application/vnd.docker.distribution.manifest.v1+json',
        'application/vnd.docker.distribution.manifest.v1+prettyjws',
      ]),
    )
  })
})

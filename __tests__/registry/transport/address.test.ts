import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isForbidden } from '../../../src/registry/transport/address.js'

/** As a URL has it, in whatever notation it was written. */
const hostname = (host: string): string => new URL(`https://${host}/`).hostname

describe('where no answer may lead', () => {
  test.each([
    '169.254.169.254',
    '169.254.0.0',
    '169.254.255.255',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '169.254.169.254.',
    'fe80::1',
    'FE80::1',
    'fe80::1%eth0',
    'fe80:0:0:0:0:0:0:1',
    'fe9f::1',
    'feaf::1',
    'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    '[fe80::1]',
    '::ffff:169.254.169.254',
    '::FFFF:A9FE:A9FE',
    '::ffff:a9fe:0',
    '0:0:0:0:0:ffff:169.254.0.1',
    '::ffff:0:a9fe:a9fe',
    '::169.254.169.254',
    '::a9fe:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '::ffff:100.100.100.200',
    '64:ff9b::168.63.129.16',
    'fd00:ec2::254',
    'fd00:0ec2:0000:0000:0000:0000:0000:0254',
    'fd20:ce::254',
    'metadata',
    'metadata.',
    'metadata.goog',
    'metadata.google.internal',
    'Metadata.Google.Internal.',
    'instance-data',
  ])('is %s', (host) => {
    expect(isForbidden(host)).toBe(true)
  })

  test.each([
    '0xa9fea9fe',
    '0xa9.0xfe.0xa9.0xfe',
    '0251.0376.0251.0376',
    '2852039166',
    '169.16689662',
    '169.254.43518',
    '169。254。169。254',
    '１６９.２５４.169.254',
    '169.254.169.254.',
    '169%2e254.169.254',
    '[::FFFF:169.254.169.254]',
    '[FE80::]',
    'METADATA.google.internal',
  ])('is %s, once it was read as a URL', (host) => {
    expect(isForbidden(hostname(host))).toBe(true)
  })

  test('is every address of the link, also within one of IPv6', () => {
    const part = fc.nat(255)
    fc.assert(
      fc.property(part, part, (third, fourth) => {
        const address = `169.254.${third}.${fourth}`
        for (const host of [address, `::ffff:${address}`, `::${address}`, `64:ff9b::${address}`])
          expect(isForbidden(host)).toBe(true)
        expect(isForbidden(hostname(`[::ffff:${address}]`))).toBe(true)
      }),
      { seed: 1 },
    )
  })

  test('is every address of the link in IPv6', () => {
    const group = fc.nat(0xffff).map((number) => number.toString(16))
    fc.assert(
      fc.property(
        fc.integer({ min: 0xfe80, max: 0xfebf }),
        fc.array(group, { minLength: 7, maxLength: 7 }),
        (first, rest) => {
          const address = [first.toString(16), ...rest].join(':')
          expect(isForbidden(address)).toBe(true)
          expect(isForbidden(hostname(`[${address}]`))).toBe(true)
        },
      ),
      { seed: 2 },
    )
  })
})

describe('where answers may lead', () => {
  test.each([
    'registry.example.com',
    'localhost',
    'metadata.example.com',
    'my-metadata',
    'metadata.google.internal.example.com',
    '169.254.169.254.example.com',
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.253.255.255',
    '169.255.0.0',
    '170.254.169.254',
    '16.9.254.169',
    '100.100.100.201',
    '::1',
    '::',
    '[::1]',
    'fe7f::1',
    'fec0::1',
    'fd00::1',
    'fd00:ec2::255',
    'fd00:ec2:1::254',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::1:a9fe:a9fe',
    '2001:db8::a9fe:a9fe',
    'a9fe:a9fe::1',
    'fe80.example.com',
    'feature.example.com',
    '',
    'not an address',
    '169.254',
    ':::',
  ])('is %j', (host) => {
    expect(isForbidden(host)).toBe(false)
  })

  test('is told of any text without failing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended(), fc.domain()), (host) => {
        expect(typeof isForbidden(host)).toBe('boolean')
      }),
      { seed: 3 },
    )
  })
})

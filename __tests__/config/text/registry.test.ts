import { describe, expect, test } from '@jest/globals'
import { readInputs } from '../../../src/config/inputs.js'
import { isHostOf, parseOrigin } from '../../../src/config/text/registry.js'

describe('the address of a registry', () => {
  test.each([
    ['registry.example.com', 'https://registry.example.com'],
    ['registry.example.com:5000', 'https://registry.example.com:5000'],
    ['https://registry.example.com', 'https://registry.example.com'],
    ['https://registry.example.com:8443', 'https://registry.example.com:8443'],
    ['http://registry.example.com', 'http://registry.example.com'],
    ['http://localhost:5000', 'http://localhost:5000'],
    ['localhost:5000', 'https://localhost:5000'],
    ['localhost', 'https://localhost'],
    ['127.0.0.1:5000', 'https://127.0.0.1:5000'],
    ['[::1]:5000', 'https://[::1]:5000'],
    ['Registry.Example.COM', 'https://registry.example.com'],
    ['registry.example.com:443', 'https://registry.example.com'],
    ['http://registry.example.com:80', 'http://registry.example.com'],
    ['https://registry.example.com:80', 'https://registry.example.com:80'],
    ['https://registry.example.com/', 'https://registry.example.com'],
    ['registry.example.com:5000/', 'https://registry.example.com:5000'],
    ['http://registry.example.com:5000//', 'http://registry.example.com:5000'],
    ['HTTPS://registry.example.com', 'https://registry.example.com'],
    ['Http://registry.example.com', 'http://registry.example.com'],
  ])('is https unless http is written: %s', (text, origin) => {
    expect(parseOrigin(text)).toEqual({ value: origin })
  })

  test.each([
    'ftp://registry.example.com',
    'https://registry.example.com/v2/',
    'https://registry.example.com/ ',
    '"https://registry.example.com"',
    '<https://registry.example.com>',
    'registry: https://registry.example.com',
    'https://registry.example.com,',
    'https://registry.example.com # ours',
    'docker://registry.example.com',
    'oci://registry.example.com/acme/app',
    'https:///registry.example.com',
    'registry.example.com/acme',
    'https://registry.example.com?x',
    'https://registry.example.com#x',
    'https://',
    'http:registry.example.com',
    '//registry.example.com',
    'registry.example.com:',
    'registry.example.com:99999',
    'registry.example.com:a',
    'registry example.com',
    'registry.example.com\n',
    '-registry.example.com',
    '[::1',
    'https://https://registry.example.com',
    'régistry.example.com',
    '\ufeffregistry.example.com',
  ])('is nothing else: %j', (text) => {
    expect(parseOrigin(text)).toEqual({ wrong: expect.stringContaining('write `https://host[:port]`') })
  })

  test.each([
    ['https://registry.example.com/v2/', 'https://registry.example.com'],
    ['HTTP://registry.example.com:5000/acme/app', 'http://registry.example.com:5000'],
    ['registry.example.com/acme', 'registry.example.com'],
    ['https://registry.example.com/?x', 'https://registry.example.com'],
  ])('has no path, and the message says what to write: %s', (text, write) => {
    expect(parseOrigin(text)).toEqual({
      wrong: expect.stringContaining(
        `only the host belongs here, without what follows it. Write \`${write}\`; `,
      ),
    })
  })

  test.each(['docker', 'oci', 'ftp'])('has no scheme of another tool: %s://', (scheme) => {
    expect(parseOrigin(`${scheme}://registry.example.com`)).toEqual({
      wrong: expect.stringContaining(
        `\`${scheme}://\` is the form of another tool. Write \`registry.example.com\``,
      ),
    })
  })

  test('is shown where it is refused, without its query and without credentials', () => {
    const said = (registry: string): string[] =>
      readInputs(new Map(Object.entries({ registry, image: 'acme/app:1' })), 0).problems.map(
        ({ text }) => text,
      )
    expect(said('https://registry.example.com/v2/?token=hunter22')[0]).toMatch(
      /^registry: "https:\/\/registry\.example\.com\/v2\/\?…": only the host belongs here/,
    )
    for (const secret of [
      'https://bob:hunter22@registry.example.com/v2/',
      'bob:hunter22@registry.example.com/acme',
      'registry.example.com/acme?token=hunter22',
      'docker://registry.example.com/#hunter22',
      'https://bob:hunter22',
    ])
      expect(JSON.stringify(said(secret))).not.toContain('hunter22')
  })

  test('holds no credentials, and the message leads to the inputs for them', () => {
    for (const text of ['https://bob:hunter22@registry.example.com', 'bob@registry.example.com'])
      expect(parseOrigin(text)).toEqual({ wrong: expect.stringMatching(/`username` and `password`/) })
  })
})

describe('a host in front of a reference', () => {
  test.each([
    ['https://registry.example.com', 'registry.example.com', true],
    ['https://registry.example.com', 'Registry.Example.com', true],
    ['https://registry.example.com', 'registry.example.com:443', true],
    ['https://registry.example.com', 'registry.example.com:80', false],
    ['https://registry.example.com:5000', 'registry.example.com', false],
    ['http://registry.example.com', 'registry.example.com', true],
    ['http://registry.example.com', 'registry.example.com:80', true],
    ['http://registry.example.com', 'registry.example.com:443', false],
    ['https://registry.example.com', 'other.example.com', false],
    ['https://registry.example.com', 'registry.example.com.evil.example', false],
    ['https://registry.example.com', 'a b', false],
  ])('of %s is %s: %s', (origin, host, is) => {
    expect(isHostOf(origin, host)).toBe(is)
  })
})

describe('Docker Hub', () => {
  const HUB = 'https://registry-1.docker.io'

  test.each([
    'docker.io',
    'index.docker.io',
    'registry-1.docker.io',
    'Docker.IO',
    'docker.io:443',
    'https://docker.io',
    'https://index.docker.io',
    'https://registry-1.docker.io:443',
  ])('has its API under one name, whatever people call it: %s', (text) => {
    expect(parseOrigin(text)).toEqual({ value: HUB })
  })

  test.each([
    ['hub.docker.com', 'https://hub.docker.com'],
    ['auth.docker.io', 'https://auth.docker.io'],
    ['docker.io:5000', 'https://docker.io:5000'],
    ['http://docker.io', 'http://docker.io'],
    ['http://index.docker.io', 'http://index.docker.io'],
    ['docker.io.example.com', 'https://docker.io.example.com'],
    ['mydocker.io', 'https://mydocker.io'],
  ])('is nobody else: %s', (text, origin) => {
    expect(parseOrigin(text)).toEqual({ value: origin })
  })

  test.each(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'DOCKER.io', 'docker.io:443'])(
    'is meant by a host in front of a reference: %s',
    (host) => {
      expect(isHostOf(HUB, host)).toBe(true)
      expect(isHostOf('https://registry.example.com', host)).toBe(false)
    },
  )

  test.each([
    'docker.com',
    'hub.docker.com',
    'docker.io:5000',
    'registry.example.com',
    'docker.io.example.com',
  ])('is not meant by another one: %s', (host) => {
    expect(isHostOf(HUB, host)).toBe(false)
  })
})

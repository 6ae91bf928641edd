import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { basicHeader, secretsOf } from '../../../src/registry/credentials/credentials.js'
import { describe as describeAnswer } from '../../../src/registry/errors.js'
import { Secrets } from '../../../src/registry/secrets/secrets.js'
import { response } from '../wire.js'

type Pair = { username: string; password: string }

function redactor(basic: Pair | undefined): (text: string) => string {
  const secrets = new Secrets()
  for (const each of basic === undefined ? [] : secretsOf({ kind: 'basic', ...basic })) secrets.add(each)
  return (text) => secrets.redact(text)
}

const bob = { username: 'bob', password: 'hunter22' }

describe('a text that may echo the request', () => {
  const odd = { username: 'bob', password: 'p"a\\s&s/w+ö d' }
  const forms = (password: string, username = 'bob'): [string, string][] => [
    ['as it is', password],
    ['in the header', basicHeader({ username, password })],
    ['in the header, without its padding', basicHeader({ username, password }).replace(/=+$/, '')],
    ['in base64', Buffer.from(password).toString('base64')],
    ['in base64 for URLs', Buffer.from(`${username}:${password}`).toString('base64url')],
    ['in a URL', encodeURIComponent(password)],
    [
      'in a URL with small letters',
      encodeURIComponent(password).replace(/%../g, (sign) => sign.toLowerCase()),
    ],
    ['in a URL that was encoded as a whole', encodeURI(password)],
    ['in a form', new URLSearchParams({ x: password }).toString().slice(2)],
    ['in HTML', password.replaceAll('&', '&amp;').replaceAll('"', '&quot;')],
    ['in JSON', JSON.stringify(password).slice(1, -1)],
  ]

  test.each(forms(bob.password))('loses the password %s', (_, form) => {
    expect(redactor(bob)(`it said ${form}, and ${form} again`)).not.toContain(form)
  })

  test.each(forms(odd.password))('loses a password with odd signs %s', (_, form) => {
    expect(redactor(odd)(`it said ${form}, and ${form} again`)).not.toContain(form)
  })

  test.each([
    ['as it is', 'hunter22-and-more'],
    ['in the header', basicHeader({ username: 'bob', password: 'hunter22-and-more' })],
  ])('loses the password %s also where an answer was cut off in the middle of it', (_, form) => {
    const clean = redactor({ username: 'bob', password: 'hunter22-and-more' })
    for (let before = 150; before < 200; before++) {
      const said = clean(describeAnswer(response(500, {}, `${'x'.repeat(before)} ${form} and so on`)))
      expect([before, said.slice(-40)]).toEqual([before, expect.not.stringContaining(form.slice(0, 14))])
    }
  })

  test('loses a password in the path of a URL', () => {
    const password = 'p"a{s}<s>`#w?örd 1'
    const { pathname } = new URL(
      `https://registry.example.com/${encodeURI(password).replace('#', '%23').replace('?', '%3F')}`,
    )
    for (const form of [
      pathname.slice(1),
      new URL(`https://x/${password.replace(/[#?]/g, '')}`).pathname.slice(1),
    ])
      expect(redactor({ username: 'bob', password: decodeURIComponent(form) })(`GET /${form}`)).toBe(
        'GET /***',
      )
  })

  test('keeps the rest', () => {
    expect(redactor(bob)('401 hunter22: bob is refused')).toBe('401 ***: bob is refused')
  })

  test('keeps all of it where a password is so short that it stands in every digest', () => {
    const text = `sha256:${'abc'.repeat(21)}a`
    expect(redactor({ username: 'bob', password: 'abc' })(text)).toBe(text)
  })

  test('keeps all of it without credentials', () => {
    expect(redactor(undefined)('hunter22')).toBe('hunter22')
  })

  test('takes the password for a text, and not for a pattern', () => {
    expect(redactor({ username: 'bob', password: '.*+?$&' })('a .*+?$& b')).toBe('a *** b')
  })
})

describe('several secrets', () => {
  test('are all taken out, the longest first', () => {
    const secrets = new Secrets()
    for (const each of ['token', 'token-of-bob', 'hunter22']) secrets.add(each)
    expect(secrets.redact('token-of-bob token hunter22 tokens')).toBe('*** *** *** ***s')
  })

  test('may come at any time', () => {
    const secrets = new Secrets()
    expect(secrets.redact('one two')).toBe('one two')
    secrets.add('one-secret')
    expect(secrets.redact('one-secret two-secret')).toBe('*** two-secret')
    secrets.add('two-secret')
    expect(secrets.redact('one-secret two-secret')).toBe('*** ***')
  })

  test('may hold one another', () => {
    const secrets = new Secrets()
    for (const each of ['abcd', 'xabcdx', 'abcdabcd']) secrets.add(each)
    expect(secrets.redact('xabcdx abcdabcd abcd')).toBe('*** *** ***')
  })

  test('are taken out also where each was cut off', () => {
    const secrets = new Secrets()
    for (const each of ['first-secret', 'second-secret']) secrets.add(each)
    expect(secrets.redact('a first-sec… b second-s… c first-secret')).toBe('a ***… b ***… c ***')
  })

  test('of any kind stand in no text, whatever is around them', () => {
    // Signs that no text between them has, so that nothing else may be taken for a secret.
    const secret = fc.string({ unit: fc.constantFrom(...'ABCDEF+/=%"\\ é株'), minLength: 8, maxLength: 30 })
    const between = fc.string({ unit: fc.constantFrom(...'ghijk\n'), maxLength: 10 })
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), between, (all, text) => {
        const secrets = new Secrets()
        for (const each of all) secrets.add(each)
        const forms = all.flatMap((each) => [
          each,
          Buffer.from(each).toString('base64'),
          encodeURIComponent(each),
          JSON.stringify(each).slice(1, -1),
        ])
        const clean = secrets.redact(text + forms.join(text) + text)
        for (const form of forms) expect(clean).not.toContain(form)
        if (text !== '') expect(clean).toContain(text)
      }),
      { seed: 1 },
    )
  })
})

describe('the runner', () => {
  const masking = (): { masked: string[]; secrets: Secrets } => {
    const masked: string[] = []
    return { masked, secrets: new Secrets((secret) => masked.push(secret)) }
  }

  test('is told of each secret once', () => {
    const { masked, secrets } = masking()
    for (const each of ['hunter22', 'a-token', 'hunter22', 'a-token']) secrets.add(each)
    expect(masked).toEqual(['hunter22', 'a-token'])
  })

  test('is told of it before it is known here', () => {
    const seen: string[] = []
    const secrets: Secrets = new Secrets((secret) => seen.push(secrets.redact(secret)))
    secrets.add('hunter22')
    expect(seen).toEqual(['hunter22'])
  })

  test('is told of none that is so short that it would blank everything', () => {
    const { masked, secrets } = masking()
    for (const each of ['', 'a', 'abc']) secrets.add(each)
    expect(masked).toEqual([])
    secrets.add('abcd')
    expect(masked).toEqual(['abcd'])
  })

  test('is told of the lines of a key, each of which it masks by itself', () => {
    const { masked, secrets } = masking()
    secrets.addPem(
      '-----BEGIN PRIVATE KEY-----\nAAAABBBBCCCCDDDD\r\n  EEEEFFFFGGGGHHHH\rshort\n-----END PRIVATE KEY-----\n',
    )
    expect(masked).toEqual(['AAAABBBBCCCCDDDD', 'EEEEFFFFGGGGHHHH'])
  })

  test('is told of what a link is signed with', () => {
    const { masked, secrets } = masking()
    const asked = new URL('https://registry.example.com/v2/acme/app/blobs/x')
    secrets.addLink(new URL('https://storage.example.com/x?expires=60&signature=abcdefghijk1'), asked)
    expect(masked).toEqual(['expires=60&signature=abcdefghijk1', 'abcdefghijk1'])
  })
})

describe('a key in PEM form', () => {
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const lines = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))
  const secrets = new Secrets()
  secrets.addPem(pem)

  test('loses every line of it, as a whole and one by one', () => {
    for (const text of [pem, pem.replaceAll('\n', '\r\n'), JSON.stringify(pem), ...lines]) {
      const clean = secrets.redact(`before ${text} after`)
      for (const line of lines.slice(0, -1)) expect(clean).not.toContain(line)
      expect(clean).toMatch(/^before [^]* after$/)
    }
  })

  test('keeps its frame, which is in every other one', () => {
    expect(secrets.redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----')
  })

  test.each([
    ['written with `\\n`', (text: string) => text.replaceAll('\n', '\\n')],
    ['folded to one line', (text: string) => text.trim().replaceAll('\n', ' ')],
    ['put together without line breaks', (text: string) => text.replaceAll('\n', '')],
  ])('loses its lines also where it was %s', (_, written) => {
    const folded = new Secrets()
    folded.addPem(written(pem))
    const clean = folded.redact(`${written(pem)} ${written(lines.join('\n'))}`)
    for (const line of lines.slice(0, -1)) expect(clean).not.toContain(line)
  })

  test('loses each line by itself where its line breaks came as something else', () => {
    for (const written of ['\\n', '\\r\\n', ' ', '\r\n', '\r']) {
      const folded = new Secrets()
      folded.addPem(pem.replaceAll('\n', written))
      expect(folded.redact(lines.slice(0, -1).join(' - '))).toBe(lines.slice(0, -1).fill('***').join(' - '))
    }
  })
})

describe('a signed link', () => {
  const BLOB = new URL(`https://registry.example.com/v2/acme/app/blobs/sha256:${'a'.repeat(64)}`)
  const told = (link: string, asked = BLOB): Secrets => {
    const secrets = new Secrets()
    secrets.addLink(new URL(link), asked)
    return secrets
  }

  test('loses its query, and each long value in it, in every form', () => {
    const signature = 'c2lnbmF0dXJl+/hunter22=='
    const link = `https://storage.example.com/x?X-Amz-Expires=60&X-Amz-Signature=${encodeURIComponent(signature)}`
    const secrets = told(link)
    const clean = secrets.redact(`${link} and ${signature}, ${encodeURIComponent(signature)}, expires=60`)
    expect(clean).toBe('https://storage.example.com/x?*** and ***, ***, expires=60')
  })

  test('keeps what was asked for, such as a digest', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const secrets = told(`https://storage.example.com/x?digest=${digest}&signature=hunter22hunter22`)
    expect(secrets.redact(`${digest} and hunter22hunter22`)).toBe(`${digest} and ***`)
  })

  test('keeps values so short that they stand in other texts', () => {
    const secrets = told('https://storage.example.com/x?region=eu-central-1&x=abc&signature=hunter22hunter22')
    expect(secrets.redact('abc')).toBe('abc')
    expect(told('https://storage.example.com/x?abc=d').redact('abc=d')).toBe('abc=d')
  })

  test.each([
    'https://storage.example.com/x',
    'https://storage.example.com/x?',
    'https://storage.example.com/hunter22#hunter22',
  ])('is none without a query: %s', (link) => {
    expect(told(link).redact(link)).toBe(link)
  })

  test('is one of so many that are kept, so that a run of many blobs does not grow slow', () => {
    const masked: string[] = []
    const secrets = new Secrets((secret) => masked.push(secret))
    for (let blob = 0; blob < 1000; blob++)
      secrets.addLink(new URL(`https://storage.example.com/x?signature=${blob}-hunter22hunter22`), BLOB)
    expect(masked).toHaveLength(200)
    secrets.add('a-password')
    expect(masked).toHaveLength(201)
    expect(secrets.redact('a-password 0-hunter22hunter22')).toBe('*** ***')
  })

  test('that comes again takes no place', () => {
    const masked: string[] = []
    const secrets = new Secrets((secret) => masked.push(secret))
    for (let time = 0; time < 1000; time++)
      secrets.addLink(new URL('https://storage.example.com/x?signature=hunter22hunter22'), BLOB)
    secrets.addLink(new URL('https://storage.example.com/x?signature=another-hunter22'), BLOB)
    expect(masked).toHaveLength(4)
  })
})

describe('a secret that came over the wire', () => {
  const DIGEST = 'a1'.repeat(32)

  function told(...all: string[]): { secrets: Secrets; masked: string[] } {
    const masked: string[] = []
    const secrets = new Secrets((secret) => masked.push(secret))
    for (const each of all) secrets.addFromWire(each)
    return { secrets, masked }
  }

  test.each<[string, boolean]>([
    ['eyJhbGciOiJSUzI1NiJ9.e30.c2ln', true],
    ['averylongtokenofwords', true],
    ['DockerToken.1f0c2f3e', true],
    ['hunter22', false],
    ['A1B2C3D4', false],
  ])('is taken out as any other, and masked where it is long: %s', (token, long) => {
    const { secrets, masked } = told(token)
    expect(masked).toEqual(long ? [token] : [])
    expect(secrets.redact(`it said ${token}, and ${Buffer.from(token).toString('base64')}`)).toBe(
      'it said ***, and ***',
    )
  })

  test.each(['', 'latest', 'manifest', 'repository', '20260101', 'acme1', 'two words 22 and more of them'])(
    'is none where it looks like a word of ours, which would be blanked everywhere: %j',
    (word) => {
      const { secrets, masked } = told(word)
      expect(masked).toEqual([])
      expect(secrets.redact(`it said ${word} here`)).toBe(`it said ${word} here`)
    },
  )

  test('is none where it stands in what the user wrote', () => {
    const { secrets, masked } = told()
    secrets.spare(['acme/app:v1.22.333', 'debug-42'])
    for (const each of ['v1.22.333', 'acme/app:v1', 'debug-42']) secrets.addFromWire(each)
    expect(masked).toEqual([])
    secrets.addFromWire('debug-42x')
    expect(secrets.redact('debug-42, debug-42x')).toBe('debug-42, ***')
  })

  test.each([
    'sha256:' + 'a1'.repeat(32),
    'a1b2c3d4e5f6',
    'a1'.repeat(31),
    'application/vnd.oci.image.manifest.v1+json',
    'v1.0.0-rc1',
  ])('that could stand in a log gives the runner no mask: %s', (token) => {
    const { secrets, masked } = told(token)
    expect(masked).toEqual([])
    const digest = `sha256:${'a1b2c3d4e5f6'}${'a1'.repeat(26)}`
    expect(secrets.redact(digest)).toBe(digest)
  })

  test('is forgotten when many others came after it', () => {
    const tokens = Array.from({ length: 400 }, (_, at) => `token-number-${at}-of-some-length`)
    const { secrets } = told(...tokens)
    expect(secrets.redact(tokens.at(-1) ?? '')).toBe('***')
    expect(secrets.redact(tokens[0] ?? '')).toBe(tokens[0])
  })

  test('is one all the same where the user gave it as one', () => {
    const { secrets } = told()
    secrets.spare(['hunter22'])
    secrets.add('hunter22')
    expect(secrets.redact('hunter22')).toBe('***')
  })

  test('that looks like a digest is taken out where it is not written as one', () => {
    const { secrets, masked } = told(DIGEST)
    expect(masked).toEqual([])
    expect(secrets.redact(`sha256:${DIGEST} token=${DIGEST}, ${DIGEST}`)).toBe(
      `sha256:${DIGEST} token=***, ***`,
    )
    expect(secrets.redact(`sha256:${DIGEST.slice(1)}0`)).toBe(`sha256:${DIGEST.slice(1)}0`)
  })
})

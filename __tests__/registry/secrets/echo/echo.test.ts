/** What a backend may make of the password that it sends back, and what is told of that. */
import { describe as group, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { secretsOf } from '../../../../src/registry/credentials/credentials.js'
import { describe } from '../../../../src/registry/errors.js'
import { Secrets } from '../../../../src/registry/secrets/secrets.js'
import { startWork } from '../../../support/work-time.js'
import { ENCODERS, FOLDS, type Encoder } from './forms.js'
import { response } from '../../wire.js'

function known(password: string, username = 'bob'): Secrets {
  const secrets = new Secrets()
  for (const each of secretsOf({ kind: 'basic', username, password })) secrets.add(each)
  return secrets
}

/** As the log has it: described where it came in, redacted where it is written. */
function told(secrets: Secrets, body: string | Buffer, status = 403, more: object = {}): string {
  const came = response(status, {}, '', { body: Buffer.from(body), quoting: secrets.quoting, ...more })
  return secrets.redact(describe(came))
}

const json = (message: string): string => JSON.stringify({ errors: [{ code: 'DENIED', message }] })
const rawJson = (message: string): string => `{"errors":[{"code":"DENIED","message":"${message}"}]}`
const html = (text: string): string =>
  `<html><body><h1>403</h1>\n<p>no access with ${text} here</p></body></html>`

const ODD = `p&ss'w"o<r>d/1+2=3%x\\y z`
const PLAIN = 'hunter2-Correct'

/** Neither the secret nor what stood for it, wherever white space is. */
function expectNothing(text: string, secret: string, echoed: string): void {
  const compact = (each: string): string => each.replace(/\s+/g, '')
  expect({ text, holds: compact(text).includes(compact(echoed)) }).toEqual({ text, holds: false })
  expect({ text, holds: compact(text).includes(compact(secret)) }).toEqual({ text, holds: false })
}

group.each([
  ['plain signs', PLAIN],
  ['odd signs', ODD],
  ['signs of other scripts', 'пароль-Größe-7'],
  ['four signs', 'q7#K'],
])('a password of %s', (_, password) => {
  const secrets = known(password)

  test.each(ENCODERS)('is not told where it is echoed %s', (_, encode) => {
    const echoed = encode(password)
    for (const body of [
      json(echoed),
      rawJson(echoed),
      html(echoed),
      `no: ${echoed}`,
      `(${echoed}) ${'x'.repeat(300)}`,
    ])
      expectNothing(told(secrets, body), password, echoed)
  })

  test.each(FOLDS)('is not told where it is echoed %s', (_, fold) => {
    for (const [, encode] of ENCODERS) {
      const echoed = encode(password)
      if ([...echoed].length < 4) continue
      const folded = fold(echoed)
      for (const body of [json(folded), html(folded), `no: ${folded}`])
        expectNothing(told(secrets, body), password, echoed)
    }
  })

  test('is not told where one form is in another one', () => {
    for (const [, inner] of ENCODERS)
      for (const [name, outer] of ENCODERS.filter(([, , nests]) => nests === true)) {
        const echoed = outer(inner(password))
        for (const body of [json(echoed), `no: ${echoed}`]) {
          const text = told(secrets, body)
          expect([name, text, text.includes(echoed)]).toEqual([name, text, false])
        }
      }
  })

  test('is not told where it stands in a pair in base64, whatever stands before it', () => {
    for (let before = 0; before < 8; before++)
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        const echoed = Buffer.from(`${'u'.repeat(before)}:${password}\nHost: x`).toString(encoding)
        expectNothing(told(secrets, json(`it was ${echoed}`)), password, echoed)
      }
  })
})

group('any password', () => {
  const alphabets = ['abcXYZ019', '&\'"<>/+=%\\ ab1', 'öß株🔑é a1', '-_.~$@:;,!*()[]{}|^`#?a']
  const secret = fc
    .constantFrom(...alphabets)
    .chain((alphabet) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: 6, maxLength: 40 }))
    // What consists of nothing else has nothing that could be told from other text.
    .filter(
      (text) => new Set(text.replace(/[^A-Za-z0-9\u0080-\uffff]/g, '')).size > 0 && text.trim() === text,
    )
  const encoder = fc.constantFrom<Encoder>(...ENCODERS)

  test('is told in no form, after up to three encodings', () => {
    fc.assert(
      fc.property(
        secret,
        fc.array(encoder, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (password, chain, inJson) => {
          // Of those that turn everything into other characters only the innermost can be found.
          const echoed = chain.reduce(
            (text, [, encode, nests], at) => (at > 0 && nests !== true ? text : encode(text)),
            password,
          )
          const text = told(known(password), inJson ? json(`no: ${echoed}.`) : `no: ${echoed}.`)
          expect([text, text.includes(`no: ${echoed}.`)]).toEqual([text, false])
        },
      ),
      { numRuns: 500, seed: 1 },
    )
  })
})

group('what is no echo', () => {
  const BODIES: [number, string][] = [
    [404, '404 page not found'],
    [
      404,
      json(
        'manifest unknown to registry: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      ),
    ],
    [405, json('The operation is unsupported.')],
    [
      500,
      '<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>\r\n<center>nginx</center></body>',
    ],
    [403, json('requested access to the resource is denied')],
    [400, json('Manifest is still referenced by tag: v1.2.3, &quot;latest&quot;, 1, 2, 3, 4')],
    [503, 'upstream connect error or disconnect/reset before headers. reset reason: connection failure'],
    [
      502,
      json(
        'proxy error: Get "http://10.0.0.1:5000/v2/a%20b/": dial tcp 10.0.0.1:5000: connect: connection refused',
      ),
    ],
  ]

  test.each(BODIES)('is told in full: %i %s', (status, body) => {
    const whole = describe(response(status, {}, body))
    expect(whole.length).toBeGreaterThan(15)
    for (const password of fc.sample(fc.string({ minLength: 8, unit: 'grapheme-ascii' }), {
      seed: 7,
      numRuns: 200,
    }))
      if (/[A-Za-z0-9]{4}/.test(password)) expect(told(known(password), body, status)).toBe(whole)
  })

  test('is told but for the password where that stands there as it is', () => {
    expect(told(known(PLAIN), json(`user bob with ${PLAIN} may not`))).toBe(
      '403 DENIED (user bob with *** may not)',
    )
    expect(told(known(PLAIN), `user bob with ${PLAIN} may not`)).toBe('403 user bob with *** may not')
  })

  test('is told in the case in which it came: other letters are another text', () => {
    expect(told(known('Manifest-Unknown'), json('manifest-unknown'))).toBe('403 DENIED (manifest-unknown)')
  })
})

group('where it cannot be sure', () => {
  test('status and codes are told, and nothing else', () => {
    const body = (code: string): string =>
      JSON.stringify({
        errors: [
          { code, message: `p&ss` },
          { code: 'X', detail: ODD },
        ],
      })
    expect(told(known(ODD), body('DENIED').replaceAll('&', '\\u0026'))).toBe('403 DENIED, X')
    expect(told(known(ODD), ODD.replaceAll('&', '&#38;'))).toBe('403')
  })

  test('a code that holds the password is not told', () => {
    const secrets = known('hunter22')
    for (const code of [
      'HUNTER22',
      'BAD_HUNTER22_X',
      `X${Buffer.from('hunter22').toString('hex').toUpperCase()}`,
    ])
      expect(told(secrets, JSON.stringify({ errors: [{ code, message: 'no' }, { code: 'DENIED' }] }))).toBe(
        '403 DENIED',
      )
  })

  test('a body that broke off is not told, since it may end in a part of the password', () => {
    expect(told(known(PLAIN), `no access with ${PLAIN.slice(0, 9)}`, 403, { cut: true })).toBe(
      '403, and the body was cut off',
    )
  })

  test('a body that is read in part is told only if the password is in no part of it', () => {
    const filler = 'x'.repeat(64 << 10)
    expect(told(known(PLAIN), `${filler}${PLAIN}`.slice(0, (64 << 10) + 9)).length).toBe(3)
    expect(told(known(PLAIN), filler).length).toBeGreaterThan(200)
  })

  test('a text with too many readings is not told', () => {
    const text = `\\\\u0025\\26 %2525 &amp;amp;amp; =3D3D3D _x0026_ '''' 1, 2, 3, 4 <b>Ã¶</b> ﬁ U+0026 %255c%2526amp;3D`
    expect(told(known(PLAIN), text)).toBe('403')
  })

  test('it is not told in which of 65,536 ways it was escaped, and does not take long', () => {
    const elapsed = startWork()
    told(
      known(PLAIN),
      `${'&#37;'.repeat(3000)}25&amp;=3D\\u0026%26${'\\\\'.repeat(4000)}''`.padEnd(64 << 10, `%26'"\\`),
    )
    expect(elapsed()).toBeLessThan(5000)
  })
})

group('a password of fewer than four characters', () => {
  const secrets = known('p4s')

  test('has no body told at all', () => {
    for (const body of [json('anything'), 'anything', html('anything')])
      expect(told(secrets, body)).toBe(body.startsWith('{') ? '403 DENIED' : '403')
  })

  test('has no code told that holds it', () => {
    const codes = (...all: string[]): string => JSON.stringify({ errors: all.map((code) => ({ code })) })
    expect(told(secrets, codes('DENIED', 'XP4SX', 'OTHER'))).toBe('403 DENIED, OTHER')
  })

  test('leaves our own lines as they are', () => {
    expect(secrets.redact('p4s and so on')).toBe('p4s and so on')
  })

  test('has no header told that holds it, in any form', () => {
    expect(secrets.quoting.word('HIT from P4S')).toBeUndefined()
    expect(secrets.quoting.word(`HIT ${Buffer.from('p4s').toString('base64')}`)).toBeUndefined()
    expect(secrets.quoting.word('HIT from cache')).toBe('HIT from cache')
  })
})

group('a line of ours', () => {
  const HIDDEN = '(a text that holds a credential is not shown)'
  const DIGEST = `sha256:${Buffer.from('hunter2-Correct-Horse-Battery-St').toString('hex')}`

  test.each(ENCODERS)('is not shown, or is without the password, where that stands there %s', (_, encode) => {
    for (const password of [ODD, 'correct Horse-7-battery']) {
      const echoed = encode(password)
      expectNothing(known(password).redact(`GET https://x/v2/: ${echoed} was said`), password, echoed)
    }
  })

  test('keeps a digest, whatever it spells', () => {
    const line = `${DIGEST} is gone (${DIGEST})`
    expect(known('hunter2-Correct-Horse-Battery-St').redact(line)).toBe(line)
    expect(known('hunter2-Correct-Horse-Battery-St').redact(line.replaceAll('sha256:', ''))).toBe(HIDDEN)
  })

  test.each(['test', '1234', 'image', 'application', 'thetaglist', 'deadbeef', 'sha256', 'registry'])(
    'is shown, but for the word itself, though the password is %s',
    (password) => {
      const lines = [
        'the registry returned 403 DENIED (requested access to the resource is denied) for the tag list of acme/app',
        `blob sha256:${'deadbeef'.repeat(8)} application/vnd.oci.image.layer.v1.tar+gzip 12.3 MiB is kept`,
        'round 1: 12 of 34 gone; 5 6 7 8; 2026-06-01T00:00:00.000Z',
      ]
      for (const line of lines) expect(known(password).redact(line)).toBe(line.replaceAll(password, '***'))
    },
  )

  test('is shown whatever the registry gives for a token', () => {
    const secrets = new Secrets()
    const spells = [
      'hunter2-Correct-Horse',
      'aaaabbbb1111',
      Buffer.from('manifest', 'base64').toString('latin1'),
    ]
    for (const token of spells) secrets.addFromWire(token)
    for (const line of [DIGEST, `blob ${DIGEST} is kept`, 'manifest unknown', 'YWFhYWJiYmI'])
      expect(secrets.redact(line)).toBe(line)
  })

  test('is looked through once: a report is written with the same lines again and again', () => {
    const secrets = known(PLAIN)
    expect(secrets.redact('one-secret')).toBe('one-secret')
    secrets.add('one-secret')
    expect(secrets.redact('one-secret')).toBe('***')
    secrets.addFromWire('a1b2c3d4e5')
    expect(secrets.redact('a1b2c3d4e5')).toBe('***')
  })
})

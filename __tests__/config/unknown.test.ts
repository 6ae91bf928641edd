import { describe, expect, test } from '@jest/globals'
import { DECLARED, type InputName } from '../../src/config/declared.js'
import { unknownInputs } from '../../src/config/unknown.js'

describe('an unknown input', () => {
  test('is none that is declared', () => {
    expect(unknownInputs(Object.keys(DECLARED))).toEqual([])
  })

  test.each<[string, InputName]>([
    ['dry_run', 'dry-run'],
    ['DRY_RUN', 'dry-run'],
    ['Dry-Run', 'dry-run'],
    ['DRYRUN', 'dry-run'],
    ['EXCLUDE-TAGS', 'protected-tags'],
    ['EXCLUDE_TAGS', 'protected-tags'],
    ['TAG', 'image'],
    ['IMAGES', 'image'],
    ['REGISTY', 'registry'],
    ['PASWORD', 'password'],
    ['PROTECTED_TAGS', 'protected-tags'],
    ['PROTECT-TAGS', 'protected-tags'],
    ['VERIFY_ATTEMPTS', 'verify-attempts'],
    ['VERIFY-TIMOUT', 'verify-timeout'],
    ['SHARED_BLOBS', 'shared-blobs'],
    ['CA_CERTIFICATE', 'ca-certificate'],
    ['TLS_VERIFY', 'tls-verify'],
    ['REPORT_FILE', 'report-file'],
    ['APROVE', 'approve'],
  ])('%s is answered with the nearest one', (name, nearest) => {
    expect(unknownInputs([name])).toEqual([
      {
        kind: 'input',
        input: name.toLowerCase(),
        text: `"${name.toLowerCase()}" is not an input of this action. The nearest is \`${nearest}\``,
      },
    ])
  })

  test('may have no name at all', () => {
    expect(unknownInputs([''])).toEqual([
      { kind: 'input', input: '', text: expect.stringMatching(/^"" is not an input of this action/) },
    ])
  })

  test.each(['resume', 'gc-command', 'gc-dry-run-command', 'restart-command', 'GC_COMMAND'])(
    'is also one of a later version, so that a workflow for that purges nothing here: %s',
    (name) => {
      expect(unknownInputs([name])).toEqual([
        expect.objectContaining({ text: expect.stringContaining('comes with a later version') }),
      ])
    },
  )

  test('is a problem beside each other one, in the order of their names', () => {
    const problems = unknownInputs(['TOKEN', ...Object.keys(DECLARED), 'DRY_RUN'])
    expect(problems.map(({ input }) => input)).toEqual(['dry_run', 'token'])
  })

  test.each(['constructor', '__proto__', 'toString'])('is also what every object has: %s', (name) => {
    const [problem] = unknownInputs([name])
    expect(problem?.text).toMatch(/ is not an input .*nearest is `[a-z-]+`$/)
  })

  test('of any length is answered at once', () => {
    const started = Date.now()
    expect(unknownInputs(['X'.repeat(1_000_000)])).toHaveLength(1)
    expect(Date.now() - started).toBeLessThan(1000)
  })
})

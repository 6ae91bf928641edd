import { describe, expect, test } from '@jest/globals'
import { inputsIn, variableOf, withoutInputs } from '../../src/action/environment.js'
import { DECLARED } from '../../src/config/declared.js'
import { readInputs } from '../../src/config/inputs.js'
import { unknownInputs } from '../../src/config/unknown.js'

const IMAGE = { INPUT_IMAGE: 'registry.example.com/acme/app:1' }

describe('the variable of an input', () => {
  test.each([
    ['image', 'INPUT_IMAGE'],
    ['dry-run', 'INPUT_DRY-RUN'],
    ['two words', 'INPUT_TWO_WORDS'],
  ])('%s is as the runner writes it', (name, variable) => {
    expect(variableOf(name)).toBe(variable)
  })
})

describe('the inputs in the environment', () => {
  test('have their own names, and their texts as they are', () => {
    const names = Object.keys(DECLARED)
    const environment = Object.fromEntries(names.map((name) => [variableOf(name), ` ${name}\n`]))
    expect([...inputsIn(environment)]).toEqual(names.map((name) => [name, ` ${name}\n`]))
  })

  test('are there although they are empty: the runner hands over what is written', () => {
    expect([...inputsIn({ 'INPUT_DRY-RUN': '', INPUT_DRY_RUN: '' })]).toEqual([
      ['dry-run', ''],
      ['DRY_RUN', ''],
    ])
  })

  test('are no other variables', () => {
    const environment = { PATH: '/bin', INPUT: 'x', XINPUT_TAG: 'x', GITHUB_ACTIONS: 'true' }
    expect(inputsIn({ ...environment, INPUT_TAG: undefined }).size).toBe(0)
  })

  test('become settings', () => {
    const { settings, problems } = readInputs(inputsIn({ ...IMAGE, 'INPUT_DRY-RUN': 'true' }), 0)
    expect(problems).toEqual([])
    expect(settings?.dryRun).toBe(true)
  })
})

describe('a variable of no declared input', () => {
  test.each([
    ['INPUT_DRY_RUN', 'dry_run', 'dry-run'],
    ['INPUT_EXCLUDE-TAGS', 'exclude-tags', 'protected-tags'],
    ['INPUT_TAG', 'tag', 'image'],
    ['INPUT_RÉGISTRY', 'régistry', 'registry'],
    ['INPUT_CONSTRUCTOR', 'constructor', 'concurrency'],
    // The runner writes upper case: whatever sets these is not the runner.
    ['input_image', 'image', 'image'],
    ['INPUT_dry-run', 'dry-run', 'dry-run'],
    ['Input_Password', 'password', 'password'],
  ])('%s is refused as the input %s', (variable, name, nearest) => {
    const { settings, problems } = readInputs(inputsIn({ ...IMAGE, [variable]: 'hunter22' }), 0)
    expect(settings).toBeUndefined()
    expect(problems).toEqual([
      {
        kind: 'input',
        input: name,
        text: expect.stringMatching(
          new RegExp(`^"${name}" is not an input of this action\\. The nearest is \`${nearest}\``),
        ),
      },
    ])
    expect(JSON.stringify(problems)).not.toContain('hunter22')
  })

  test('never passes for a declared one beside it', () => {
    const inputs = inputsIn({ 'input_dry-run': 'false', 'INPUT_DRY-RUN': 'true', 'INPUT_dry-run': 'false' })
    expect(inputs.get('dry-run')).toBe('true')
    expect(unknownInputs(inputs.keys())).toHaveLength(1)
  })

  test('may be empty, and may have no name', () => {
    expect(unknownInputs(inputsIn({ INPUT_: '', INPUT_DRY_RUN: '' }).keys())).toHaveLength(2)
  })
})

describe('the environment for other programs', () => {
  test('has everything but the inputs, however they are written', () => {
    const rest = { PATH: '/bin', HOME: '/root', INPUT: 'x', XINPUT_TAG: 'x', EMPTY: '', UNSET: undefined }
    const inputs = {
      INPUT_PASSWORD: 'hunter22',
      'INPUT_DRY-RUN': 'true',
      input_password: 'hunter22',
      INPUT_: '',
    }
    expect(withoutInputs({ ...rest, ...inputs })).toEqual(rest)
  })
})

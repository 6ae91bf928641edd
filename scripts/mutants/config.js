/**
 * Defects of `src/config/`.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const config = [
  {
    rule: 'inputs',
    what: 'an undeclared input is let through',
    file: 'src/config/inputs.ts',
    from: 'problems.push(...unknownInputs(given.keys()))',
    to: '',
    test: ['__tests__/config/inputs.test.ts'],
  },
  {
    rule: 'rule 11',
    what: 'a message repeats what is no key',
    file: 'src/config/client-tls.ts',
    from: '`it is no PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${code})`',
    to: '`it is no PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${code}: ${text})`',
    test: ['__tests__/config/client-tls.test.ts', 'no message repeats it'],
  },
]

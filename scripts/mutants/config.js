/**
 * Defects of `src/config/`.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const config = [
  {
    rule: 'inputs',
    what: 'an undeclared input is accepted',
    file: 'src/config/inputs.ts',
    from: 'problems.push(...unknownInputs(given.keys()))',
    to: '',
    test: ['__tests__/config/inputs.test.ts'],
  },
  {
    rule: 'rule 11',
    what: 'a message quotes a text that is not a key',
    file: 'src/config/client-tls.ts',
    from: '`it is not PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${code})`',
    to: '`it is not PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${code}: ${text})`',
    test: ['__tests__/config/client-tls.test.ts', 'no message repeats it'],
  },
]

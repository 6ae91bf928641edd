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
    from: '`it is not PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${source.code})`',
    to: '`it is not PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${source.code}: ${text})`',
    test: ['__tests__/config/client-tls.test.ts', 'no message repeats it'],
  },
  {
    rule: 'rule 11',
    what: 'a key is masked only in the form in which it is used',
    file: 'src/config/client-tls.ts',
    from: 'secrets: [...new Set([raw, readable.pem])]',
    to: 'secrets: [readable.pem]',
    test: ['__tests__/config/client-tls.test.ts', 'is masked in every form'],
  },
  {
    rule: 'inputs',
    what: 'the path of `registry` is dropped',
    file: 'src/config/text/registry.ts',
    from: 'if (/^\\/*$/.test(rest))',
    to: 'if (/^\\/*/.test(rest))',
    test: ['__tests__/config/text/registry.test.ts', 'has no path'],
  },
  {
    rule: 'rule 11',
    what: 'a message shows the query of `registry`',
    file: 'src/config/reader.ts',
    from: "value.replace(/[?#][^]*$/, '?…')",
    to: 'value',
    test: ['__tests__/config/text/registry.test.ts', 'without its query'],
  },
]

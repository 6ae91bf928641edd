const BYTES = '__tests__/safety/protected-bytes.test.ts'

/**
 * Defects of how labels go, and of what counts as intact.
 *
 * @type {import('./list.js').Mutant[]}
 */
export const labels = [
  {
    rule: 'intact',
    what: 'blobs of plainly named tags are checked by HEAD',
    file: 'src/proof/intact.ts',
    from: 'if (sensitive || bytes) piece',
    to: 'if (sensitive) piece',
    test: [BYTES, 'a small layer'],
  },
  {
    rule: 'intact',
    what: 'a large blob of a plainly named tag is ended after its headers',
    file: 'src/proof/intact.ts',
    from: 'firstBytes: bytes }',
    to: 'firstBytes: false }',
    test: [BYTES, 'a large layer'],
  },
  {
    rule: 'intact',
    what: 'a glob counts as a plain name',
    file: 'src/plan/select.ts',
    from: 'protectedTags.some(({ text }) => text === tag)',
    to: 'protectedTags.some((glob) => glob.matches(tag))',
    test: [BYTES, 'which is all that other tags get'],
  },
  {
    rule: 'intact',
    what: 'a blob that another tag needs, too, is no longer fetched',
    file: 'src/proof/intact.ts',
    from: 'plain.has(root) || blobs.get(digest)?.bytes === true',
    to: 'plain.has(root)',
    test: [BYTES, 'fetched once'],
  },
  {
    rule: 'intact',
    what: 'a foreign layer may come without content',
    file: 'src/proof/intact.ts',
    from: "piece.is === 'missing' && piece.gone",
    to: "piece.is === 'missing'",
    test: [BYTES, 'a foreign layer'],
  },
  {
    rule: 'intact',
    what: 'a long body counts although none of it arrived',
    file: 'src/registry/transport.ts',
    from: 'request.firstBytes === true && status === 200',
    to: 'request.firstBytes === true && status === 0',
    test: ['__tests__/registry/transport.test.ts', 'is cut off where none does'],
  },
]

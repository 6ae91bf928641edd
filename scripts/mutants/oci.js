const BEFORE = '__tests__/safety/before-the-first-write.test.ts'
const ATTACHED = '__tests__/safety/attached.test.ts'
const OPTIONAL = '__tests__/safety/optional.test.ts'

/**
 * Defects of `src/oci/`.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const oci = [
  {
    rule: 'rule 2',
    what: 'digests written in an unknown kind are not needed',
    file: 'src/oci/graph.ts',
    from: 'for (const each of [written, ...(graph.twins.get(written) ?? [])]) blobs.add(each)',
    to: '',
    test: [BEFORE, 'a remaining manifest of unknown kind'],
  },
  {
    rule: 'rule 2',
    what: 'referrers of a remaining image are not needed',
    file: 'src/oci/graph.ts',
    from: 'if (referrers) for (const referrer of graph.referrers.get(digest) ?? []) manifests.add(referrer)',
    to: '',
    test: [ATTACHED, 'a layer that an attachment of the leak shares'],
  },
  {
    rule: 'rule 5',
    what: 'schema 1 is treated as an image',
    file: 'src/oci/manifest.ts',
    from: "if (kindOf(header) === 'schema1' || kindOf(own) === 'schema1' || json['schemaVersion'] === 1)",
    to: "if (header === 'schema1')",
    test: ['__tests__/oci/manifest.test.ts'],
  },
  {
    rule: 'rule 2',
    what: 'an HTML page counts as a manifest',
    file: 'src/oci/manifest.ts',
    from: "if (json === undefined) return { unusable: { is: 'no-object' } }",
    to: "if (json === undefined) return { digest: named ?? sha256(body), mediaType: 'html', size: 0, kind: 'unknown', children: [], blobs: [], written: [] }",
    test: ['__tests__/oci/manifest.test.ts', 'and says which of the reasons it was'],
  },
  {
    rule: 'attached',
    what: 'a glob protects tags that belong to the image by name',
    file: 'src/oci/glob.ts',
    from: ': glob.text === tag',
    to: ': glob.matches(tag)',
    test: [ATTACHED, 'a glob protects no tag'],
  },
  {
    rule: 'unreadable',
    what: 'layers of schema 1 are not needed',
    file: 'src/oci/manifest.ts',
    from: 'const blobs = once(parsed.layers.map(',
    to: 'const blobs = once(parsed.layers.slice(0, 0).map(',
    test: ['__tests__/safety/unreadable.test.ts', 'layers of a remaining manifest'],
  },
  {
    rule: 'plan',
    what: 'a needed child is deleted (generated graphs)',
    file: 'src/oci/graph.ts',
    from: 'for (const child of manifest?.children ?? []) manifests.add(child.digest)',
    to: 'for (const child of (manifest?.children ?? []).slice(0, 1)) manifests.add(child.digest)',
    test: ['__tests__/plan/generated/decide.test.ts'],
  },
  {
    rule: 'rule 2',
    what: 'an empty object is an index, if the header says so',
    file: 'src/oci/manifest.ts',
    from: 'if (value === null || (value === undefined && optional)) return []',
    to: 'if (value === null || value === undefined) return []',
    test: [OPTIONAL, 'an empty object under the type of an index'],
  },
  {
    rule: 'rule 2',
    what: 'the config of an image without layers is not needed',
    file: 'src/oci/manifest.ts',
    from: 'blobs: once([config, ...layers])',
    to: 'blobs: once(layers.length === 0 ? [] : [config])',
    test: [OPTIONAL, 'the config of a remaining image without layers'],
  },
  {
    rule: 'result',
    what: 'the size 0 of a config is believed',
    file: 'src/oci/manifest.ts',
    from: 'return size > 0 || matches(digest, new Uint8Array())',
    to: 'return true',
    test: [OPTIONAL, 'a remaining image whose config has the size 0'],
  },
]

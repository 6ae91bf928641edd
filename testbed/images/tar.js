const block = 512

/**
 * An uncompressed tar archive (ustar) of files and the folders above them. The same files give the same bytes: owner
 * and times are fixed.
 * @param {Record<string, string | Buffer>} files path and content
 * @returns {Buffer}
 */
export function writeTar(files) {
  /** @type {Buffer[]} */
  const parts = []
  for (const folder of foldersOf(Object.keys(files))) parts.push(header(`${folder}/`, 0, '5'))
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content)
    parts.push(header(path, bytes.length, '0'), bytes, Buffer.alloc((block - (bytes.length % block)) % block))
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}

/**
 * The files of an uncompressed tar archive, by path.
 * @param {Buffer} archive
 * @returns {Record<string, Buffer>}
 */
export function readTar(archive) {
  /** @type {Record<string, Buffer>} */
  const files = {}
  for (let at = 0; at + block <= archive.length && archive[at] !== 0;) {
    const text = (/** @type {number} */ from, /** @type {number} */ length) =>
      archive.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '')
    const size = parseInt(text(124, 12), 8)
    const path = [text(345, 155), text(0, 100)].filter(Boolean).join('/')
    if (text(156, 1) === '0') files[path] = archive.subarray(at + block, at + block + size)
    at += block + Math.ceil(size / block) * block
  }
  return files
}

/** @param {string[]} paths */
function foldersOf(paths) {
  const folders = paths.flatMap((path) => {
    const names = path.split('/').slice(0, -1)
    return names.map((_, index) => names.slice(0, index + 1).join('/'))
  })
  return [...new Set(folders)].sort()
}

/**
 * @param {string} path
 * @param {number} size
 * @param {'0' | '5'} kind
 */
function header(path, size, kind) {
  const bytes = Buffer.alloc(block)
  const [prefix, name] = splitPath(path)
  const octal = (/** @type {number} */ value, /** @type {number} */ digits) =>
    value.toString(8).padStart(digits, '0')
  bytes.write(name, 0)
  bytes.write(octal(kind === '5' ? 0o755 : 0o644, 7), 100)
  bytes.write(octal(0, 7), 108)
  bytes.write(octal(0, 7), 116)
  bytes.write(octal(size, 11), 124)
  bytes.write(octal(1_700_000_000, 11), 136)
  bytes.write('        ', 148)
  bytes.write(kind, 156)
  bytes.write('ustar\x0000', 257, 'latin1')
  bytes.write('root', 265)
  bytes.write('root', 297)
  bytes.write(prefix, 345)
  // The checksum is computed with its own field blank.
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${octal(sum, 6)}\0 `, 148, 'latin1')
  return bytes
}

/**
 * Splits a path for ustar, which holds a name of 100 bytes and a prefix of 155.
 * @param {string} path
 * @returns {[string, string]}
 */
function splitPath(path) {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)]
    if (name && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name]
  }
  throw new Error(`a path too long for ustar: ${path}`)
}

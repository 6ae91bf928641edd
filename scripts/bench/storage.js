import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../../testbed/images/content.js'

/**
 * Writes a repository to the file system in the format of distribution, because thousands of pushes would take minutes.
 */
export class Storage {
  #root
  #repository
  /** @type {Set<string>} */
  #written = new Set()

  /**
   * @param {string} root the registry's root directory
   * @param {string} repository
   */
  constructor(root, repository) {
    this.#root = join(root, 'docker', 'registry', 'v2')
    this.#repository = join(this.#root, 'repositories', repository)
  }

  /** @param {Buffer} bytes @returns {string} its digest */
  blob(bytes) {
    const digest = this.#content(bytes)
    this.#link(join('_layers', ...digest.split(':')), digest)
    return digest
  }

  /** @param {Buffer} bytes @returns {string} its digest */
  manifest(bytes) {
    const digest = this.#content(bytes)
    this.#link(join('_manifests', 'revisions', ...digest.split(':')), digest)
    return digest
  }

  /**
   * @param {string} tag
   * @param {string} digest
   */
  tag(tag, digest) {
    this.#link(join('_manifests', 'tags', tag, 'current'), digest)
    this.#link(join('_manifests', 'tags', tag, 'index', ...digest.split(':')), digest)
  }

  /** @param {Buffer} bytes */
  #content(bytes) {
    const digest = digestOf(bytes)
    const [algorithm = '', hex = ''] = digest.split(':')
    if (this.#written.has(digest)) return digest
    this.#written.add(digest)
    const folder = join(this.#root, 'blobs', algorithm, hex.slice(0, 2), hex)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'data'), bytes)
    return digest
  }

  /**
   * @param {string} path
   * @param {string} digest
   */
  #link(path, digest) {
    const folder = join(this.#repository, path)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'link'), digest)
  }
}

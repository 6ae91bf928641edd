import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { JournalError } from '../../plan/journal.js'
import { codeOf } from '../../registry/code.js'

/** How often a run tries to take a path that another one takes at the same time. */
const TRIES = 10
/** File systems without hard links answer so. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** A file that is replaced as a whole at each write, and never takes the place of somebody else's file. */
export class ReportFile {
  readonly #stamp: string
  #path: string
  /** Which file is ours. Another run with the same path renames it away, and then its file must not be replaced. */
  #inode: number | undefined

  /**
   * @param path where the file goes; a file that is there already is renamed at the first write
   * @param stamp is put into the names of files that give way
   */
  constructor(path: string, stamp: string) {
    this.#path = resolve(path)
    this.#stamp = stamp
  }

  /** Absolute path of the file. */
  get path(): string {
    return this.#path
  }

  /** Whether the file was written at least once. */
  get exists(): boolean {
    return this.#inode !== undefined
  }

  /** Replaces the file. @throws JournalError */
  write(text: string): void {
    const draft = `${this.#path}.${randomUUID()}.tmp`
    try {
      makeFolder(dirname(this.#path))
      const inode = writeDraft(draft, text)
      if (this.#inode !== undefined && inodeOf(this.#path) === this.#inode) renameSync(draft, this.#path)
      else this.#claim(draft)
      this.#inode = inode
    } catch (error) {
      // A full disk of all places must not keep a draft.
      removeDraft(draft)
      throw new JournalError(codeOf(error), { cause: error })
    }
  }

  /** Takes the path without ever overwriting: a file there is renamed first, and a link fails if one is there. */
  #claim(draft: string): void {
    if (this.#inode !== undefined) this.#path = this.#beside()
    for (let tries = 0; tries < TRIES; tries++) {
      const present = lstatSync(this.#path, { throwIfNoEntry: false })
      // Only a file gives way: a folder or a device at this path is a mistake, and stays as it is.
      if (present?.isFile() === true || present?.isSymbolicLink() === true)
        renameSync(this.#path, this.#beside())
      if (place(draft, this.#path)) return
    }
    throw Object.assign(new Error('the path is taken'), { code: 'EEXIST' })
  }

  /** A free name beside the path: its own name and the stamp. */
  #beside(): string {
    const extension = extname(this.#path)
    const stem = join(dirname(this.#path), `${basename(this.#path, extension)}-${this.#stamp}`)
    for (let number = 1; ; number++) {
      const path = `${stem}${number === 1 ? '' : `-${number}`}${extension}`
      if (!existsSync(path)) return path
    }
  }
}

function removeDraft(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // What matters is why the report could not be written.
  }
}

/** Writes a new file to the disk. @returns its inode */
function writeDraft(path: string, text: string): number {
  const file = openSync(path, 'wx', 0o644)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
    return fstatSync(file).ino
  } finally {
    closeSync(file)
  }
}

/** One level after the other: Node's own recursive way never ends below a folder that takes no folder, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Moves a file to a path if there is nothing. @returns false if there is something */
function place(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    unlinkSync(draft)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code === undefined || !NO_LINKS.has(code)) throw error
    if (existsSync(path)) return false
    renameSync(draft, path)
    return true
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

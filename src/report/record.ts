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
import type { Repository } from '../oci/reference.js'
import type { Item } from '../plan/item.js'
import type { Released } from '../plan/reconsider.js'
import type { Standing } from '../plan/standing.js'
import type { Done, Intent } from '../plan/outcome.js'
import type { Journal } from '../plan/journal.js'
import type { Clock } from '../registry/time.js'
import { codeOf } from './failure.js'
import { Marks } from './marks.js'
import {
  contentEntry,
  tagEntry,
  time,
  type ContentEntry,
  type Report,
  type RepositoryEntry,
  type TagEntry,
} from './report.js'

const BETWEEN = 1000

/**
 * The report's file: written whole and atomically, before the first write to the registry and at least once a second
 * while something happens, so that whatever ends the run leaves a true record.
 */
export class Record implements Journal {
  readonly report: Report
  readonly #clock: Clock
  readonly #started: string
  #path: string
  /** Which file is ours: another run with the same path renames it away, and must not be overwritten then. */
  #inode: number | undefined
  #writtenAt = 0

  readonly #redact: (text: string) => string
  /** Ends the wait for the next write. */
  #waiting: AbortController | undefined

  /**
   * @param path where the file goes; what stands there is renamed at the first write
   * @param redact takes credentials out of a text: a registry may echo a request
   */
  constructor(report: Report, path: string, clock: Clock, redact: (text: string) => string) {
    this.report = report
    this.#redact = redact
    this.#clock = clock
    this.#path = resolve(path)
    this.#started = report.startedAt.replaceAll(':', '-')
  }

  /** Absolute path of the file. */
  get path(): string {
    return this.#path
  }

  /**
   * Writes the file now.
   *
   * @throws Error of the file system
   */
  write(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
    redactTexts(this.report, this.#redact)
    makeFolder(dirname(this.#path))
    const draft = `${this.#path}.${randomUUID()}.tmp`
    try {
      const inode = writeDraft(draft, `${visible(JSON.stringify(this.report, null, 2))}\n`)
      if (this.#inode !== undefined && inodeOf(this.#path) === this.#inode) renameSync(draft, this.#path)
      else this.#claim(draft)
      this.#inode = inode
    } catch (error) {
      // On a full disk of all places nothing may be left lying about.
      removeDraft(draft)
      throw error
    }
    this.#writtenAt = this.#clock.now()
  }

  begin(): void {
    // What the step is about to change is written when it is about to be sent.
  }

  intend(repository: Repository, intents: readonly Intent[]): void {
    const marks = this.#marksOf(repository)
    for (const { item, placeholder } of intents) {
      const entry = this.#find(repository, item)
      if (entry !== undefined) marks.intend(entry, placeholder)
    }
  }

  /**
   * Before the first request of a step: marks all that the step may send, makes the results `incomplete`, and writes the
   * file. Later requests of the step change nothing in the file, and write nothing.
   *
   * @returns why the file could not be written, if that is to be told: the run goes on, since it has sent something
   * @throws Error of the file system if the file cannot be written and nothing was sent yet: nothing may be sent then
   */
  about(repository: Repository, item?: Item): string | undefined {
    if (this.#refusal !== undefined) throw this.#refusal
    const marks = this.#marksOf(repository)
    const entry = item === undefined ? undefined : this.#find(repository, item)
    const own = this.#repository(repository)
    const before = { run: this.report.result, own: own?.result }
    const marked = [marks.apply(), entry !== undefined && marks.send(entry)].includes(true)
    this.report.result = 'incomplete'
    if (own !== undefined) own.result = 'incomplete'
    const changed = marked || before.run !== 'incomplete' || (before.own ?? 'incomplete') !== 'incomplete'
    const failure = changed ? this.#tryToWrite() : undefined
    if (failure === undefined || this.#sent) {
      this.#sent = true
      return failure === undefined ? undefined : this.#tellOnce(failure)
    }
    marks.withdraw(true)
    this.report.result = before.run
    if (own !== undefined && before.own !== undefined) own.result = before.own
    this.#refusal = failure
    throw failure
  }

  withdraw(repository: Repository): void {
    this.#marksOf(repository).withdraw()
  }

  done(repository: Repository, done: Done): void {
    const entry = this.#find(repository, done.item)
    if (entry !== undefined) {
      this.#marksOf(repository).settle(entry)
      entry.outcome = done.outcome
      if ('tag' in entry) {
        entry.via = done.via ?? entry.via
        entry.reason = done.detail ?? entry.reason
      } else {
        if (done.outcome === 'deleted') entry.deletedAt ??= time(done.at)
        entry.detail = done.detail ?? null
      }
    }
    this.#writeOften(false)
  }

  release(repository: Repository, { tags, manifests, blobs }: Released): void {
    const entry = this.#repository(repository)
    if (entry === undefined) return
    const digests = new Set<string>([...manifests, ...blobs].map(({ digest }) => digest))
    entry.tags.push(...tags.map((each) => tagEntry(each)))
    entry.manifests.push(...manifests.map(contentEntry))
    entry.blobs.push(...blobs.map(contentEntry))
    entry.kept = entry.kept.filter(({ digest }) => !digests.has(digest))
    this.#index.delete(repository)
  }

  note(): void {
    // What was said in passing stands in the log.
  }

  end(repository: Repository): void {
    this.withdraw(repository)
    this.#writeOften(true)
  }

  /** Takes in how items stand after a round. */
  standings(repository: Repository, standings: readonly Standing[]): void {
    for (const { item, verdict, rounds, goneSince, goneUntil } of standings) {
      const entry = this.#find(repository, item)
      if (entry === undefined || 'tag' in entry) continue
      entry.verdict = verdict
      entry.rounds = rounds
      entry.goneSince = goneSince === undefined ? null : time(goneSince)
      entry.goneUntil = goneUntil === undefined ? null : time(goneUntil)
    }
    this.#writeOften(false)
  }

  readonly #marks = new Map<Repository, Marks>()
  /** A request that changes state may have been sent. */
  #sent = false
  /** Why nothing may be sent: the file could not be written before the first request. */
  #refusal: Error | undefined
  #told = false

  #marksOf(repository: Repository): Marks {
    const marks = this.#marks.get(repository) ?? new Marks()
    this.#marks.set(repository, marks)
    return marks
  }

  /** @returns the failure, or undefined if the file is written or was never to be */
  #tryToWrite(): Error | undefined {
    if (this.#inode === undefined) return undefined
    try {
      this.write()
      return undefined
    } catch (error) {
      this.#writtenAt = this.#clock.now()
      return error as Error
    }
  }

  #tellOnce(failure: Error): string | undefined {
    if (this.#told) return undefined
    this.#told = true
    return `report-file: the report could not be written to ${this.#path} (${codeOf(failure)}). The run goes on; if it is killed, the file there does not tell what was done since`
  }

  readonly #index = new Map<string, Map<string, TagEntry | ContentEntry>>()

  #repository(name: Repository): RepositoryEntry | undefined {
    return this.report.repositories.find((each) => each.name === name)
  }

  #find(name: Repository, item: Item): TagEntry | ContentEntry | undefined {
    let index = this.#index.get(name)
    if (index === undefined) {
      const entry = this.#repository(name)
      index = new Map()
      for (const each of entry?.tags ?? []) index.set(each.tag, each)
      for (const each of [...(entry?.manifests ?? []), ...(entry?.blobs ?? [])]) index.set(each.digest, each)
      this.#index.set(name, index)
    }
    return index.get(item.name)
  }

  /** Writes now, or when a second has passed since the last time: what is in flight meanwhile stands in the file. */
  #writeOften(now: boolean): void {
    if (this.#inode === undefined) return
    const left = this.#writtenAt + BETWEEN - this.#clock.now()
    if (now || left <= 0) this.#tryToWrite()
    else if (this.#waiting === undefined) {
      const waiting = new AbortController()
      this.#waiting = waiting
      void this.#clock.sleep(left, waiting.signal).then(() => {
        if (!waiting.signal.aborted) this.#tryToWrite()
      })
    }
  }

  /** Takes the path without ever overwriting: what stands there is renamed first, and a link fails where one stands. */
  #claim(draft: string): void {
    if (this.#inode !== undefined) this.#path = this.#beside()
    for (let tries = 0; tries < 10; tries++) {
      const standing = lstatSync(this.#path, { throwIfNoEntry: false })
      // Only a file gives way: a folder or a device at this path is a mistake, and is left as it is.
      if (standing?.isFile() === true || standing?.isSymbolicLink() === true)
        renameSync(this.#path, this.#beside())
      if (place(draft, this.#path)) return
    }
    throw Object.assign(new Error('the path is taken'), { code: 'EEXIST', syscall: 'link' })
  }

  /** A name beside the path that is not taken: the name and this run's start time. */
  #beside(): string {
    const extension = extname(this.#path)
    const stem = join(dirname(this.#path), `${basename(this.#path, extension)}-${this.#started}`)
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
    // Why the report could not be written is what matters.
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

/** File systems without hard links answer so. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Puts a file at a path where nothing stands. @returns false where something does */
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

/** What acts on a terminal, or hides, is written as an escape: the values are the same, and all of them can be seen. */
function visible(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    sign === '\n'
      ? sign
      : [...Array(sign.length).keys()]
          .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
  )
}

/** Free text loses credentials; digests, tags and the like cannot hold any. */
function redactTexts(report: Report, redact: (text: string) => string): void {
  const all = (texts: string[]): void => texts.forEach((text, at) => (texts[at] = redact(text)))
  all(report.problems)
  all(report.warnings)
  report.reason &&= redact(report.reason)
  for (const [name, value] of Object.entries(report.inputs)) report.inputs[name] = redact(value)
  for (const entry of report.repositories) {
    all(entry.problems)
    all(entry.warnings)
    for (const tag of entry.tags) tag.reason &&= redact(tag.reason)
    for (const content of [...entry.manifests, ...entry.blobs]) {
      content.mediaType = redact(content.mediaType)
      content.detail &&= redact(content.detail)
    }
    for (const remaining of entry.remaining) remaining.detail &&= redact(remaining.detail)
  }
}

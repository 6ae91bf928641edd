import { posix } from 'node:path'

/** Distribution compares as if a slash sorted first. */
const comparable = (text: string): string => text.replaceAll('/', '\0')
const isBehind = (tag: string, last: string): boolean => comparable(last) < comparable(tag)
/** Distribution joins `last` to the path of the tags' folder, which cleans it. */
const cleaned = (last: string): string => posix.join('/', last).slice(1)

/** @returns what follows `last` where any text will do, compared with names (zot, olareg) */
export function followingNames(all: readonly string[], last: string): string[] {
  return all.filter((tag) => tag > last)
}

/** @returns what distribution 3.1.1 lists behind `last` on a filesystem: it walks over the folders, by name */
export function followingFolders(all: readonly string[], last: string): string[] {
  const [first = ''] = cleaned(last).split('/')
  return [...all].sort().filter((tag) => tag > first && isBehind(tag, last))
}

/**
 * @returns what distribution 3.1.1 lists behind `last` on S3: it walks over the keys, and passes over everything that
 *   begins with the name of the folder that it was in
 */
export function followingKeys(all: readonly string[], last: string): string[] {
  const start = cleaned(last)
  const listed: string[] = []
  let skipped: string | undefined
  for (const tag of [...all].sort((one, other) => (`${one}/` < `${other}/` ? -1 : 1))) {
    if (`${tag}/index/sha256/` <= start || (skipped !== undefined && tag.startsWith(skipped))) continue
    if (isBehind(tag, last)) listed.push(tag)
    skipped = tag
  }
  return listed
}

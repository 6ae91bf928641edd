import { digestOf } from '../memory/store.js'

export type Algorithm = 'sha256' | 'sha512'

export interface Content {
  readonly digest: string
  readonly size: number
  readonly bytes: Buffer
}

/** A blob that a manifest lists, with what its descriptor says beside digest and size. */
export interface Layer extends Content {
  /** In place of the type that the manifest gives to its layers. */
  readonly mediaType?: string
  /** A foreign layer: it lies elsewhere, and a push leaves it out. */
  readonly urls?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
}

export const content = (bytes: Buffer, algorithm: Algorithm = 'sha256'): Content => ({
  digest: digestOf(bytes, algorithm),
  size: bytes.length,
  bytes,
})

export const json = (value: object, algorithm: Algorithm = 'sha256'): Content =>
  content(Buffer.from(JSON.stringify(value)), algorithm)

/** The layer of a seed: the same bytes each time, and no others'. */
export function layer(seed: string, size = 0, algorithm: Algorithm = 'sha256'): Content {
  const text = `layer ${seed}\n`
  return content(Buffer.alloc(Math.max(size, text.length), text), algorithm)
}

/** A layer that its vendor alone may hand out. */
export const foreignLayer = (
  seed: string,
  urls: readonly string[] = ['https://vendor.invalid/layer'],
): Layer => ({ ...layer(seed), urls })

/** The same thing, a layer or a whole image, by the sha512 of its bytes. */
export const bySha512 = <C extends Content>(of: C): C => ({ ...of, digest: digestOf(of.bytes, 'sha512') })

/** The config that artifacts share: deleting it breaks all of them. */
export const EMPTY_CONFIG = content(Buffer.from('{}'))

/** The gzipped empty archive that schema 1 images have for every step that writes no file; there is no data in it. */
export const EMPTY_LAYER = content(Buffer.from('H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=', 'base64'))

export const descriptor = (
  { digest, size, mediaType, urls, annotations }: Layer,
  type: string,
): Readonly<Record<string, unknown>> => ({
  mediaType: mediaType ?? type,
  digest,
  size,
  ...(urls === undefined ? {} : { urls }),
  ...(annotations === undefined ? {} : { annotations }),
})

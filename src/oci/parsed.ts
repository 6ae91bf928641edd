/** Why there is no result, in words. */
export interface Wrong {
  readonly wrong: string
}

/** A parsed value, or why there is none. */
export type Parsed<T> = { readonly value: T } | Wrong

/** @returns whether the value is the reason why there is no result */
export function isWrong(value: object | undefined): value is Wrong {
  return value !== undefined && 'wrong' in value
}

/** @returns the code of an error of Node or node-fetch, such as ECONNRESET, or `unknown` */
export function codeOf(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}

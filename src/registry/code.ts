/** @returns the code of a system error or an error of the HTTP library, such as ECONNRESET or ENOSPC, or `unknown` */
export function codeOf(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' && /^\w+$/.test(code) ? code : 'unknown'
}

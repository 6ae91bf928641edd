/** @returns the code of a system error, such as ENOSPC, or `unknown` */
export function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code
  return typeof code === 'string' && /^\w+$/.test(code) ? code : 'unknown'
}

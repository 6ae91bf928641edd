import type { ListFlaw } from '../../survey/problem.js'

/** Puts into words why a list cannot be read to its end, to follow the list's name. */
export function sayListFlaw(flaw: ListFlaw): string {
  switch (flaw.is) {
    case 'not-followed':
      return `is not followed: ${flaw.why}`
    case 'circle':
      return 'links in a circle'
    case 'no-progress':
      return 'goes on without naming anything new'
    case 'too-many-entries':
      return `has more than ${flaw.most} entries`
    case 'too-many-pages':
      return `has more than ${flaw.most} pages`
    case 'broken-off':
      return `broke off ${flaw.times} times`
  }
}

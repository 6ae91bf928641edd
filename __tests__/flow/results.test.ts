import { describe, expect, test } from '@jest/globals'
import { Results } from '../../src/flow/results.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Journal, Result } from '../../src/plan/journal.js'

const REPOSITORIES = ['acme/one', 'acme/two', 'acme/three'] as Repository[]

/** Results that tell `told`, a line for each repository that ended. */
function resultsOf(results: readonly Result[] = []): { all: Results; told: string[] } {
  const told: string[] = []
  const ended: Journal['ended'] = (result, repository) => void told.push(`${repository} ${result}`)
  const all = new Results({ ended } as Journal)
  for (const [at, result] of results.entries()) all.end(REPOSITORIES[at] as Repository, result)
  return { all, told }
}

describe('the result of a run', () => {
  test.each<[readonly Result[], Result]>([
    [[], 'nothing-to-do'],
    [['nothing-to-do'], 'nothing-to-do'],
    [['planned'], 'planned'],
    [['planned', 'nothing-to-do'], 'planned'],
    [['purged'], 'purged'],
    [['purged', 'nothing-to-do'], 'purged'],
    [['purged', 'planned'], 'purged'],
    [['refused'], 'refused'],
    [['refused', 'nothing-to-do'], 'refused'],
    [['refused', 'planned'], 'refused'],
    [['refused', 'purged'], 'incomplete'],
    [['incomplete'], 'incomplete'],
    [['incomplete', 'nothing-to-do'], 'incomplete'],
    [['incomplete', 'planned'], 'incomplete'],
    [['incomplete', 'purged'], 'incomplete'],
    [['incomplete', 'refused'], 'incomplete'],
    [['nothing-to-do', 'refused', 'purged'], 'incomplete'],
  ])('of repositories that are %j is %s, in any order', (results, sum) => {
    expect(resultsOf(results).all.sum).toBe(sum)
    expect(resultsOf(results.toReversed()).all.sum).toBe(sum)
  })
})

describe('the end of a repository', () => {
  test('is told to the journal each time, and the last one counts', () => {
    const { all, told } = resultsOf(['refused', 'purged'])
    all.end(REPOSITORIES[0] as Repository, 'purged')
    expect(all.sum).toBe('purged')
    expect(told).toEqual(['acme/one refused', 'acme/two purged', 'acme/one purged'])
  })
})

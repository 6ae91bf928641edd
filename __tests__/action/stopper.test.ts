import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Stopper } from '../../src/action/stopper.js'

// The stopper runs by the clock of the machine, since GitHub ends the process by it.
beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const GRACE = 4_000
function make(): { cancel: AbortController; stopper: Stopper } {
  const cancel = new AbortController()
  return { cancel, stopper: new Stopper(cancel.signal) }
}
const stateOf = ({ stop, kill }: Stopper): unknown[] => [
  stop.aborted && (stop.reason as unknown),
  kill.aborted,
]

describe('a run that is stopped', () => {
  test('goes on until somebody cancels it', async () => {
    const { stopper } = make()
    await jest.advanceTimersByTimeAsync(1e9)
    expect(stateOf(stopper)).toEqual([false, false])
  })

  test('begins nothing once it is cancelled, and has some seconds for what is in flight', async () => {
    const { cancel, stopper } = make()
    cancel.abort()
    expect(stateOf(stopper)).toEqual(['cancelled', false])
    await jest.advanceTimersByTimeAsync(GRACE - 1)
    expect(stateOf(stopper)).toEqual(['cancelled', false])
    await jest.advanceTimersByTimeAsync(1)
    expect(stateOf(stopper)).toEqual(['cancelled', true])
  })

  test('is cancelled from the start if that came first', () => {
    const cancel = new AbortController()
    cancel.abort()
    expect(stateOf(new Stopper(cancel.signal))).toEqual(['cancelled', false])
  })

  test('stops at its time limit, and says so', async () => {
    const { stopper } = make()
    stopper.limit(60_000)
    await jest.advanceTimersByTimeAsync(59_999)
    expect(stateOf(stopper)).toEqual([false, false])
    await jest.advanceTimersByTimeAsync(1)
    expect(stateOf(stopper)).toEqual(['timeout', false])
    await jest.advanceTimersByTimeAsync(GRACE)
    expect(stateOf(stopper)).toEqual(['timeout', true])
  })

  test('stays what it was first: the grace is not given twice', async () => {
    const { cancel, stopper } = make()
    stopper.limit(1_000)
    await jest.advanceTimersByTimeAsync(1_000)
    await jest.advanceTimersByTimeAsync(GRACE - 1)
    cancel.abort()
    expect(stateOf(stopper)).toEqual(['timeout', false])
    await jest.advanceTimersByTimeAsync(1)
    expect(stateOf(stopper)).toEqual(['timeout', true])
  })
})

describe('a run that is over', () => {
  test('sends nothing more, and leaves no timer behind', async () => {
    const { cancel, stopper } = make()
    stopper.limit(60_000)
    stopper.rest()
    expect([stopper.stop.aborted, stopper.kill.aborted]).toEqual([true, true])
    await jest.advanceTimersByTimeAsync(0)
    expect(jest.getTimerCount()).toBe(0)
    cancel.abort()
    expect(jest.getTimerCount()).toBe(0)
    expect(stopper.stop.reason).not.toBe('cancelled')
  })

  test('keeps why it was stopped', () => {
    const { cancel, stopper } = make()
    cancel.abort()
    stopper.rest()
    expect(stateOf(stopper)).toEqual(['cancelled', true])
    expect(jest.getTimerCount()).toBe(0)
  })
})

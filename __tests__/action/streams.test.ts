import { PassThrough } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { guardStreams } from '../../src/action/streams.js'

describe('the streams of a run', () => {
  const failure = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  const pair = () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const streams = guardStreams({ stdout, stderr } as unknown as NodeJS.Process)
    return { stdout, stderr, streams }
  }

  test('may lose standard output, which is said once on the other', () => {
    const { stdout, stderr, streams } = pair()
    expect(streams.lost).toBeUndefined()
    stdout.emit('error', failure)
    stdout.emit('error', failure)
    expect(streams.lost).toBe('EPIPE')
    expect(String(stderr.read()).match(/cannot be written \(EPIPE\)/g)).toHaveLength(1)
  })

  test('may lose standard error', () => {
    const { stderr, streams } = pair()
    stderr.emit('error', failure)
    expect(streams.lost).toBeUndefined()
  })
})

import { guardStreams } from './streams.js'

// Heard before anything else is loaded: a run that is cancelled in its first moments still says so.
const cancel = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancel.abort())
const streams = guardStreams(process)

const { main } = await import('./main.js')
await main(cancel.signal, streams)

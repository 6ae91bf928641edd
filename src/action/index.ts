import { guardStreams } from './streams.js'

// Listens for signals before it loads anything else, so that a run that is cancelled at once still reports it.
const cancel = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancel.abort())
const streams = guardStreams(process)

const { main } = await import('./main.js')
await main(cancel.signal, streams)

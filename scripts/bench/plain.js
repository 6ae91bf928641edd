// A client that sends just the requests that it is told, over eight kept connections, and fresh ones where it is told so.
// It decides nothing and proves nothing: it is the measure of what these requests cost.
import { readFileSync } from 'node:fs'
import https from 'node:https'
import tls from 'node:tls'
import fetch from 'node-fetch'
import { ACCEPT_ALL } from '../../testbed/images/media-types.js'

const [file = '', how = 'node-fetch'] = process.argv.slice(2)
/** @type {{ url: string, ca: string, authorization: string, phases: import('./smallest.js').Phase[] }} */
const { url, ca, authorization, phases } = JSON.parse(readFileSync(file, 'utf8'))

const secureContext = tls.createSecureContext({ ca: [...tls.getCACertificates('default'), ca] })
const kept = new https.Agent({ keepAlive: true, maxSockets: 8, secureContext })
const fresh = new https.Agent({ keepAlive: false, maxCachedSessions: 0, secureContext })

/** @param {import('./smallest.js').Exchange} exchange */
async function fetched({ method, path, body, type, range, fresh: alone }) {
  const headers = {
    authorization,
    accept: ACCEPT_ALL,
    ...(type && { 'content-type': type }),
    ...(range && { range }),
  }
  const agent = alone ? fresh : kept
  const answer = await fetch(url + path, {
    method,
    headers,
    agent,
    redirect: 'manual',
    compress: false,
    ...(body !== undefined && { body }),
  })
  await answer.arrayBuffer()
  return answer.status
}

/** @param {import('./smallest.js').Exchange} exchange */
function requested({ method, path, body, type, range, fresh: alone }) {
  const headers = {
    authorization,
    accept: ACCEPT_ALL,
    ...(type && { 'content-type': type }),
    ...(range && { range }),
  }
  return new Promise((resolve, reject) => {
    const sent = https.request(url + path, { method, headers, agent: alone ? fresh : kept }, (answer) => {
      answer
        .resume()
        .on('end', () => resolve(answer.statusCode))
        .on('error', reject)
    })
    sent.on('error', reject).end(body)
  })
}

const send = how === 'node-fetch' ? fetched : requested
const started = performance.now()
for (const { exchanges } of phases) {
  let next = 0
  const worker = async () => {
    for (let exchange = exchanges[next++]; exchange; exchange = exchanges[next++]) await send(exchange)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }))
kept.destroy()

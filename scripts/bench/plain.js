// A client that sends a given list of requests over eight kept connections, or over fresh connections for requests that
// need one. It decides nothing and proves nothing. It measures the cost of these requests.
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
  const response = await fetch(url + path, {
    method,
    headers,
    agent,
    redirect: 'manual',
    compress: false,
    ...(body !== undefined && { body }),
  })
  await response.arrayBuffer()
  return response.status
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
    const sent = https.request(url + path, { method, headers, agent: alone ? fresh : kept }, (response) => {
      response
        .resume()
        .on('end', () => resolve(response.statusCode))
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

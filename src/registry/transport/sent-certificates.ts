import type { X509Certificate } from 'node:crypto'
import type https from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { certificateOf, type Certificate } from '../certificate.js'

/** Certificates of one chain that are read, at most. */
const MOST = 10

/**
 * Connects to a host to read the certificates that it sends. The connection is not verified, so nothing is sent over it:
 * no request, no credentials and no client certificate. It ends after the handshake.
 *
 * @param agent makes the connection, through a proxy if need be. It must verify nothing and have a time limit
 * @returns the host's own certificate, and those that issued it as far as they were sent; empty if the handshake failed
 */
export function sentCertificates(
  agent: https.Agent,
  { hostname, port }: URL,
  signal: AbortSignal,
): Promise<readonly Certificate[]> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const { lookup, secureContext } = agent.options
  const options = {
    host,
    port: Number(port || '443'),
    servername: isIP(host) === 0 ? host : '',
    rejectUnauthorized: false,
    ...(lookup !== undefined && { lookup }),
    ...(secureContext !== undefined && { secureContext }),
  }
  return new Promise((resolve) => {
    const end = (socket?: Duplex | null): void => {
      signal.removeEventListener('abort', cancel)
      resolve(socket instanceof tls.TLSSocket ? chainOf(socket) : [])
      socket?.destroy()
      made?.destroy()
    }
    const cancel = (): void => end()
    // Node calls the function if the connection uses a proxy. `made` is then the connection to the proxy.
    const made = agent.createConnection(options, (error, socket) => end(error === null ? socket : undefined))
    made?.on('error', cancel)
    made?.once('close', cancel)
    made?.once('secureConnect', () => end(made))
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
  })
}

function chainOf(socket: tls.TLSSocket): Certificate[] {
  const chain: Certificate[] = []
  let next: X509Certificate | undefined = socket.getPeerX509Certificate()
  while (next !== undefined && chain.length < MOST) {
    chain.push(certificateOf(next))
    const issuer: X509Certificate | undefined = next.issuerCertificate
    next = issuer?.fingerprint256 === next.fingerprint256 ? undefined : issuer
  }
  return chain
}

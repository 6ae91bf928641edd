import tls from 'node:tls'

/**
 * Returns the certificates to trust, in PEM: those of Node with NODE_EXTRA_CA_CERTS, those of the system, and `given`.
 *
 * On Linux, the system's are in OpenSSL's default file and folder, or in SSL_CERT_FILE and SSL_CERT_DIR. Node reads them
 * once, in some 30 ms, so they are read only for https. A missing store counts as empty. Of a file with a damaged
 * certificate, Node reads those before it.
 */
export function trusted(given: readonly string[]): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...systemStore(), ...given])]
}

/** A system whose store cannot be read is no reason to fail: Node's own list is often enough. */
function systemStore(): readonly string[] {
  try {
    return tls.getCACertificates('system')
  } catch {
    return []
  }
}

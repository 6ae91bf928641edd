import { connect } from 'node:net'
import { onPort, startProcess } from './server-process.js'

/**
 * Starts a redis on 127.0.0.1 that keeps everything in memory and writes no file, and waits until it responds.
 * @param {{ binary: { command: string, args: string[] }, folder: string, port?: number }} options
 * @returns {Promise<{ address: string, pid: number, log: () => string, stop: () => Promise<void> }>}
 *   `address` is `host:port`, as a registry's configuration expects it
 */
export function startRedis({ binary, folder, port: wanted }) {
  return onPort(wanted, async (port) => {
    const running = await startProcess({
      command: binary.command,
      args: [
        ...binary.args,
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
        ...['--save', '', '--appendonly', 'no', '--daemonize', 'no', '--logfile', ''],
      ],
      cwd: folder,
      // It logs this line only after it has bound the port itself.
      isReady: async (log) => log().includes('Ready to accept connections') && (await pongs(port)),
    })
    return { address: `127.0.0.1:${port}`, ...running }
  })
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function pongs(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on('data', (data) => {
      resolve(data.toString().startsWith('+PONG'))
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
  })
}

import { runCommand } from '../command.js'
import { findDebianProgram, obtainDebianProgram } from './debian-program.js'

/** @type {import('./debian-program.js').DebianProgram} */
const nginx = {
  name: 'nginx',
  commands: ['nginx'],
  // The first version with the option -e, which prevents writes to the machine's own log.
  minimum: '1.19.5',
  packages: ['nginx'],
  path: 'usr/sbin/nginx',
  statedVersion: async (command, env) => {
    const { code, stderr } = await runCommand(command, ['-v'], { env: env ?? process.env, timeoutMs: 60_000 })
    return code === 0 ? /^nginx version: nginx\/(\d+\.\d+\.\d+)/m.exec(stderr)?.[1] : undefined
  },
}

/**
 * Finds nginx without fetching it.
 */
export const findNginx = () => findDebianProgram(nginx)

/**
 * Finds nginx, or unpacks Debian's package of it.
 * @param {import('./fetched-binary.js').Say} [say]
 */
export const obtainNginx = (say) => obtainDebianProgram(nginx, say)

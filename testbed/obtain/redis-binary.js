import { runCommand } from '../command.js'
import { findDebianProgram, obtainDebianProgram } from './debian-program.js'

/** @type {import('./debian-program.js').DebianProgram} */
const redis = {
  name: 'redis',
  commands: ['redis-server'],
  minimum: '6.0.0',
  // The first package has a link to the program, the second the program itself.
  packages: ['redis-server', 'redis-tools'],
  path: 'usr/bin/redis-server',
  statedVersion: async (command, env) => {
    const { code, stdout } = await runCommand(command, ['--version'], {
      env: env ?? process.env,
      timeoutMs: 60_000,
    })
    return code === 0 ? /\bserver v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1] : undefined
  },
}

/**
 * Finds redis without fetching it.
 */
export const findRedis = () => findDebianProgram(redis)

/**
 * Finds redis, or unpacks Debian's packages of it.
 * @param {import('./fetched-binary.js').Say} [say]
 */
export const obtainRedis = (say) => obtainDebianProgram(redis, say)

#!/usr/bin/env node
/*
 * Fetches the programs that the tests need: registries, nginx, redis, an object store, and act, which runs workflows. A
 * program that cannot be fetched is not a failure: its tests are skipped and show the reason. With --require it is a failure,
 * for machines that must have all programs.
 */
import { actVersion, obtainAct } from '../testbed/obtain/act-binary.js'
import { obtainNginx } from '../testbed/obtain/nginx-binary.js'
import { obtainOlareg, olaregVersion } from '../testbed/obtain/olareg-binary.js'
import { obtainRedis } from '../testbed/obtain/redis-binary.js'
import { obtainRegistry, registryVersions } from '../testbed/obtain/registry-binary.js'
import { obtainVersitygw, versitygwVersion } from '../testbed/obtain/versitygw-binary.js'

const say = (/** @type {string} */ line) => console.log(`  ${line}`)
let missing = 0

/**
 * @param {string} name
 * @param {ReturnType<typeof obtainOlareg>} obtained
 */
async function report(name, obtained) {
  const found = await obtained
  if ('missing' in found) {
    missing += 1
    console.log(`✗ ${name}: missing (${found.missing})`)
  } else {
    console.log(`✓ ${name}: ${found.how}`)
  }
}

for (const version of registryVersions) await report(`registry ${version}`, obtainRegistry(version, say))
await report(`olareg ${olaregVersion}`, obtainOlareg(say))
await report('nginx', obtainNginx(say))
await report('redis', obtainRedis(say))
await report(`versitygw ${versitygwVersion}`, obtainVersitygw(say))
await report(`act ${actVersion}`, obtainAct(say))
if (missing > 0 && process.argv.includes('--require')) process.exitCode = 1

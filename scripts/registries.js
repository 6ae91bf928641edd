#!/usr/bin/env node
/*
 * Fetches the registries that the tests run against. What cannot be fetched is no failure: its tests are skipped and
 * say why. With --require a missing one is a failure, for machines that must have them all.
 */
import { obtainRegistry, registryVersions } from './lib/registry-binary.js'

const say = (/** @type {string} */ line) => console.log(`  ${line}`)

let missing = 0
for (const version of registryVersions) {
  const found = await obtainRegistry(version, say)
  if ('missing' in found) {
    missing += 1
    console.log(`✗ registry ${version}: missing (${found.missing})`)
  } else {
    console.log(`✓ registry ${version}: ${found.how}`)
  }
}
if (missing > 0 && process.argv.includes('--require')) process.exitCode = 1

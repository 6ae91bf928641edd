#!/usr/bin/env node
/*
 * Demonstrates the action without any preparation: starts a real registry with its own authority and password, pushes an
 * image that contains a credential, purges it, and checks the result by requests that do not use the action. All requests
 * go to 127.0.0.1, except the downloads of missing programs.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { makeAuthority } from '../testbed/serve/authority.js'
import { request } from '../testbed/http.js'
import { node24 } from '../testbed/obtain/node24.js'
import { temporaryFolder } from '../testbed/project.js'
import { get, pullsCompletely } from '../testbed/images/pull.js'
import { obtainAnyRegistry } from '../testbed/obtain/registry-binary.js'
import { startRegistry, testUser } from '../testbed/serve/registry-server.js'
import { renderedLog } from '../testbed/run/rendered-log.js'
import { runAction } from '../testbed/run/runner.js'
import { fakeCredential, pushScene } from '../testbed/images/scene.js'
import { readTar } from '../testbed/images/tar.js'

/** @typedef {import('../testbed/serve/registry-server.js').RegistryServer} RegistryServer */
/** @typedef {import('../testbed/images/scene.js').Scene} Scene */

/** @type {(() => unknown)[]} */
const leftovers = []
let failures = 0
let stepNumber = 0

const step = (/** @type {string} */ title) => console.log(`\n${(stepNumber += 1)}. ${title}`)
const note = (/** @type {string} */ text) => console.log(`     ${text}`)
const short = (/** @type {string} */ digest) => digest.slice(0, 'sha256:'.length + 12)

/**
 * @param {boolean} holds
 * @param {string} text
 */
function check(holds, text) {
  if (!holds) failures += 1
  console.log(`   ${holds ? '✓' : '✗'} ${text}`)
}

async function cleanUp() {
  for (let undo = leftovers.pop(); undo; undo = leftovers.pop()) await undo()
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, async () => {
    console.log(`\n${signal}: cleaning up`)
    await cleanUp()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}

async function demo() {
  step('A real registry')
  const binary = await obtainAnyRegistry(note)
  if ('missing' in binary) throw new Error(`no registry is available here: ${binary.missing}`)
  check(true, `distribution ${binary.version} (${binary.how})`)
  const node = await node24(note)
  const started = Date.now()

  step('A private authority, a password, and the registry behind both')
  const folder = await temporaryFolder('demo')
  leftovers.push(() => rmSync(folder, { recursive: true, force: true }))
  const tls = await makeAuthority(join(folder, 'tls'))
  const registry = await startRegistry({ binary, folder, tls, basic: true })
  leftovers.push(() => registry.stop())
  check(true, `${registry.url}, deletion on`)
  const anonymous = await request({ url: `${registry.url}/v2/`, ca: tls.ca })
  check(anonymous.status === 401, `without the password it returns ${anonymous.status}`)

  step('Five tags, one of which should never have been pushed')
  const scene = await pushScene(registry)
  for (const [tag, digest] of Object.entries(scene.tags))
    note(`${scene.repository}:${tag.padEnd(9)} ${short(digest)}`)
  const { leak } = scene
  check(
    true,
    `${leak.tag}: a config and ${leak.layers.length} layers, ${leak.sharedBlobs.length} shared with latest`,
  )

  step('Anyone who can pull has the credential (a made-up one)')
  const before = await credentialIn(registry, scene)
  check(before === fakeCredential, `layer ${short(leak.secretLayer)}, file ${leak.secretFile}:`)
  note(`    ${before}`)

  step('Deleting the tag would not be enough')
  await tryDeletingTheTag(registry, scene)

  step('The action, started from dist/ as the runner does')
  const shown = renderedLog((line) => console.log(`   │ ${line}`))
  const run = await runAction({
    node,
    folder,
    onLine: shown,
    inputs: {
      registry: registry.url,
      username: testUser.username,
      password: testUser.password,
      'ca-certificate': tls.ca,
      image: `${scene.repository}:${leak.tag}`,
      reason: 'INC-2041: credential in a debug image (demo)',
      'verify-interval': '200ms',
    },
  })
  check(run.code === 0, `exit status ${run.code ?? run.signal}, after ${(run.ms / 1000).toFixed(1)} s`)
  check(run.outputs['result'] === 'purged', `result: ${run.outputs['result'] ?? 'none'}`)
  check(run.outputs['verified'] === 'true', `verified: ${run.outputs['verified'] ?? 'none'}`)
  check(
    !run.log.replace(/^::add-mask::.*$/gm, '').includes(testUser.password),
    'the password is not in the log',
  )

  step('The leaked content is gone, by requests without the action')
  await checkGone(registry, scene)

  step('Everything else is as it was')
  for (const [tag, digest] of Object.entries(scene.tags).filter(([each]) => each !== leak.tag)) {
    const pulled = await pullsCompletely(registry, scene.repository, tag)
    const same = pulled.digest === digest
    check(pulled.ok && same, `${tag} pulls completely, every hash checked, still ${short(digest)}`)
    for (const problem of pulled.problems) note(problem)
  }

  console.log(`\nRegistry:  distribution ${binary.version}, ${binary.how}`)
  console.log(`Requests:  ${describeRequests(run.report?.requests)}`)
  console.log(`Wall time: ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/**
 * Fetches the line with the credential as anyone could: by GET of the layer, unpacking it and reading the file.
 * @param {RegistryServer} registry
 * @param {Scene} scene
 */
async function credentialIn(registry, { repository, leak }) {
  const response = await get(registry, repository, 'blobs', leak.secretLayer)
  if (response.status !== 200) return `status ${response.status}`
  const file = readTar(gunzipSync(response.body))[leak.secretFile]
  return file
    ?.toString()
    .split('\n')
    .find((line) => line.startsWith('PRIVATE_TOKEN='))
}

/**
 * Deletes only the tag, checks which content is still served, and restores the tag.
 * @param {RegistryServer} registry
 * @param {Scene} scene
 */
async function tryDeletingTheTag(registry, scene) {
  const { repository, leak } = scene
  const url = `${registry.url}/v2/${repository}/manifests/${leak.tag}`
  const { ca, auth } = registry
  const image = await get(registry, repository, 'manifests', leak.tag)
  const deleted = await request({ url, method: 'DELETE', ca, auth })
  if (deleted.status !== 202) {
    check(
      deleted.status === 400,
      `DELETE of the tag: ${deleted.status}, this version cannot delete a tag at all`,
    )
    return
  }
  const tag = await get(registry, repository, 'manifests', leak.tag)
  check(tag.status === 404, `DELETE of the tag: ${deleted.status}, the tag now returns ${tag.status}`)
  const manifest = await get(registry, repository, 'manifests', leak.digest)
  check(manifest.status === 200, `but the image by its digest still returns ${manifest.status}`)
  const credential = await credentialIn(registry, scene)
  check(credential === fakeCredential, 'and the layer with the credential is still served')
  const headers = { 'content-type': image.headers['content-type'] ?? '' }
  const restored = await request({ url, method: 'PUT', headers, body: image.body, ca, auth })
  if (restored.status !== 201) throw new Error(`the tag could not be restored: ${restored.status}`)
  note('(the tag is restored for the action)')
}

/**
 * @param {RegistryServer} registry
 * @param {Scene} scene
 */
async function checkGone(registry, { repository, leak }) {
  /** @type {[string, 'manifests' | 'blobs', string][]} */
  const gone = [
    [`tag ${leak.tag}`, 'manifests', leak.tag],
    ['manifest', 'manifests', leak.digest],
    ['manifest, requested as a blob', 'blobs', leak.digest],
    ...leak.ownBlobs.map((digest) => {
      const name =
        digest === leak.config
          ? 'config'
          : digest === leak.secretLayer
            ? 'layer with the credential'
            : 'layer'
      return /** @type {[string, 'blobs', string]} */ ([name, 'blobs', digest])
    }),
  ]
  for (const [name, kind, reference] of gone) {
    const { status } = await get(registry, repository, kind, reference)
    check(status === 404, `${status}  ${name} ${reference === leak.tag ? '' : short(reference)}`.trimEnd())
  }
  for (const digest of leak.sharedBlobs) {
    const { status } = await get(registry, repository, 'blobs', digest)
    check(
      status === 200,
      `${status}  shared layer ${short(digest)}: latest needs it, and it holds no credential`,
    )
  }
}

/** @param {Record<string, unknown> | undefined} requests */
function describeRequests(requests) {
  const counts = Object.entries(requests ?? {}).filter(([, count]) => typeof count === 'number')
  const total = counts.reduce((sum, [, count]) => sum + Number(count), 0)
  return counts.length > 0
    ? `${total} (${counts.map(([kind, count]) => `${kind} ${count}`).join(', ')})`
    : 'not reported'
}

try {
  await demo()
  console.log(failures === 0 ? '\n✓ Purged and proven.' : `\n✗ ${failures} of the checks above failed.`)
} catch (error) {
  failures += 1
  console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`)
} finally {
  await cleanUp()
}
process.exitCode = failures === 0 ? 0 : 1

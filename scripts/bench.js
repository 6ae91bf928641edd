#!/usr/bin/env node
/*
 * Measures the cost of a purge. Compares the action with a client that sends only the requests that a safe and verified
 * purge needs, and with the tools that people use today. Uses a real registry with https and Basic, as in the reference
 * scene. The contenders take turns, each on a new copy of the same storage and with its own registry process, whose CPU time
 * is measured.
 *
 *   npm run bench -- [--registry 3.1.1]… [--scenes S1,S3] [--runs 5] [--without curl,regctl] [--write]
 *   npm run bench -- --tags 100000
 */
import { parseArgs } from 'node:util'
import { benchScene } from './bench/course.js'
import { benchTags } from './bench/many.js'
import { writeTables } from './bench/page.js'
import { sceneNames } from './bench/scenes.js'
import { tableOf } from './bench/table.js'

const { values } = parseArgs({
  options: {
    registry: { type: 'string', multiple: true, default: ['3.1.1'] },
    scenes: { type: 'string', default: sceneNames.join(',') },
    runs: { type: 'string', default: '5' },
    without: { type: 'string', default: '' },
    tags: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

if (values.tags !== undefined) console.log(await benchTags(Number(values.tags)))
else {
  const tables = []
  for (const version of values.registry) {
    const results = []
    for (const name of values.scenes.split(','))
      results.push(await benchScene(name, version, Number(values.runs), values.without.split(',')))
    tables.push(tableOf(version, results))
    console.log(`\n${tables.at(-1)}`)
  }
  if (values.write) await writeTables(tables)
}

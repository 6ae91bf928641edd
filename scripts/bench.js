#!/usr/bin/env node
/*
 * What a purge costs: the action against a client that sends just the smallest number of requests that a safe and verified
 * purge needs, and against what people use today. On a real registry, https and Basic as in the reference scene; all
 * in turns, each on a fresh copy of the same storage and with a registry process of its own, whose CPU time is read.
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

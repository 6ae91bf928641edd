// Puts small deliberate defects (mutants) into copies of the source, one at a time, and runs the test that must catch each.
// Fails if a test does not catch its mutant: no test then protects that rule.
//
// node scripts/mutants.js [--check] [part of the `rule` or `what` of a mutant]…
// --check runs no test: it only checks that each mutant still matches the source.

import { projectFolder } from '../testbed/project.js'
import { problemsOf } from './mutate/check.js'
import { tryAll } from './mutate/run.js'
import { byFolder } from './mutants/all.js'

const args = process.argv.slice(2)
const names = args.filter((each) => each !== '--check')
const chosen = Object.fromEntries(
  Object.entries(byFolder).map(([folder, mutants]) => [
    folder,
    mutants.filter(
      ({ rule, what }) => names.length === 0 || names.some((name) => `${rule} ${what}`.includes(name)),
    ),
  ]),
)

if (args.includes('--check')) check()
else await run()

function check() {
  const count = Object.values(chosen).flat().length
  const problems = problemsOf(chosen, projectFolder)
  for (const problem of problems) console.log(`✗ ${problem}`)
  console.log(`${count} mutants, ${problems.length} problems`)
  process.exitCode = problems.length > 0 || count === 0 ? 1 : 0
  return problems.length === 0
}

async function run() {
  // No test can catch a mutant that does not match the source. Report it now, and not after minutes of tests.
  if (!check()) return console.log(`0 caught, ${Object.values(chosen).flat().length} survived`)
  let caught = 0
  let survived = 0
  await tryAll(Object.values(chosen).flat(), projectFolder, ({ rule, what, test: [file, name] }, missed) => {
    if (missed === undefined) caught++
    else survived++
    const by = name === undefined ? file : `${file}: ${name}`
    const outcome = missed === undefined ? `caught by ${by}` : `${missed} (${by})`
    console.log(`${missed === undefined ? '✓' : '✗'} ${rule}: ${what} — ${outcome}`)
  })
  console.log(`${caught} caught, ${survived} survived`)
  process.exitCode = survived > 0 || caught === 0 ? 1 : 0
}

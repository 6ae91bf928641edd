const CONCLUDE = '__tests__/action/conclude.test.ts'

/**
 * Defects of `src/action/`.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const action = [
  {
    rule: 'hand-over',
    what: 'a missing file of the runner is created, although the runner does not read it',
    file: 'src/action/runner-file.ts',
    from: 'constants.O_WRONLY | constants.O_APPEND',
    to: 'constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT',
    test: [CONCLUDE, 'tells in one error that the outputs'],
  },
  {
    rule: 'hand-over',
    what: 'outputs that cannot be set end the run',
    file: 'src/action/conclude.ts',
    from: 'log.error(\n        `${failed} (${known ? error.message : `registry-purge has a defect: ${String(error)}`}). ${where}`,\n      )',
    to: 'throw new Error(`${failed} (${known ? error.message : String(error)}). ${where}`)',
    test: [CONCLUDE, 'tells in one error that the outputs'],
  },
  {
    rule: 'hand-over',
    what: 'the outputs name a report that was not written',
    file: 'src/action/conclude.ts',
    from: "outputsOf(report, path ?? '')",
    to: 'outputsOf(report, path ?? journal.path)',
    test: [CONCLUDE, 'tells in one error that there is no report'],
  },
  {
    rule: 'hand-over',
    what: 'a closed log pipe ends the run',
    file: 'src/action/streams.ts',
    from: "  stdout.on('error', (error: NodeJS.ErrnoException) => {\n",
    to: "  stdout.on('close', (error: NodeJS.ErrnoException) => {\n",
    test: ['__tests__/action/streams.test.ts', 'may lose standard output'],
  },
  {
    rule: 'rule 11',
    what: 'the password of a proxy without a scheme is not masked',
    file: 'src/action/proxy.ts',
    from: '`http://${value}`',
    to: 'value',
    test: ['__tests__/action/proxy.test.ts', 'of a proxy that is not used'],
  },
]

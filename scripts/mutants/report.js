const KILLED = '__tests__/hostile/killed.test.ts'
const RECORD = '__tests__/report/record.test.ts'

/**
 * Defects of `src/report/`.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const report = [
  {
    rule: 'rule 11',
    what: 'a reason keeps the password',
    file: 'src/report/record.ts',
    from: '  report.reason &&= redact(report.reason)\n',
    to: '',
    test: ['__tests__/hostile/printing.test.ts', 'a reason that holds the password'],
  },
  {
    rule: 'verdict',
    what: 'what was not there is called gone',
    file: 'src/report/verdict.ts',
    from: 'if (absent === 0) return',
    to: 'if (absent >= 0) return',
    test: ['__tests__/proof/never-there.test.ts'],
  },
  {
    rule: 'killed',
    what: 'the file is not written before the first request of a step',
    file: 'src/report/record.ts',
    from: '    const failure = changed ? this.#tryToWrite() : undefined\n',
    to: '    const failure: Error | undefined = undefined\n    if (changed) this.#writeOften(false)\n',
    test: [KILLED],
  },
  {
    rule: 'killed',
    what: 'the result says until the end that nothing was written',
    file: 'src/report/record.ts',
    from: "    this.report.result = 'incomplete'\n    if (own !== undefined) own.result = 'incomplete'\n",
    to: '',
    test: [KILLED, 'a registry as 3.1.1'],
  },
  {
    rule: 'killed',
    what: 'a label that came back counts as deleted while a placeholder is on it',
    file: 'src/report/marks.ts',
    from: "    if (entry.outcome === 'deleted' && placeholder === undefined) return false\n",
    to: "    if (entry.outcome === 'deleted') return false\n",
    test: [KILLED, 'a label that comes back'],
  },
  {
    rule: 'killed',
    what: 'what was never sent stays unknown',
    file: 'src/report/marks.ts',
    from: '      if (all || !before.sent) {\n',
    to: '      if (all) {\n',
    test: [RECORD, 'takes back what was not sent'],
  },
  {
    rule: 'killed',
    what: 'what was sent goes back to planned',
    file: 'src/report/marks.ts',
    from: '      if (all || !before.sent) {\n',
    to: '      {\n',
    test: [RECORD, 'takes back what was not sent'],
  },
  {
    rule: 'killed',
    what: 'the first request is sent though the file cannot be written',
    file: 'src/report/record.ts',
    from: '    if (failure === undefined || this.#sent) {\n',
    to: '    if (failure === undefined || changed) {\n',
    test: [RECORD, 'forbids the first request'],
  },
  {
    rule: 'hand-over',
    what: 'a file of the runner that is gone is made anew, where nobody reads it',
    file: 'src/report/runner-file.ts',
    from: 'constants.O_WRONLY | constants.O_APPEND',
    to: 'constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT',
    test: ['__tests__/report/conclude.test.ts', 'tells in one error that the outputs'],
  },
  {
    rule: 'hand-over',
    what: 'the draft of a report that cannot be written stays behind',
    file: 'src/report/record.ts',
    from: '      removeDraft(draft)\n',
    to: '',
    test: [RECORD, 'leaves no draft behind'],
  },
]

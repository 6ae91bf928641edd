const KILLED = '__tests__/hostile/killed.test.ts'
const JOURNAL = '__tests__/report/journal/journal.test.ts'

/**
 * Defects of `src/report/`.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const report = [
  {
    rule: 'rule 11',
    what: 'a reason keeps the password',
    file: 'src/report/journal/redacted.ts',
    from: 'reason: report.reason === null ? null : redact(report.reason)',
    to: 'reason: report.reason',
    test: ['__tests__/hostile/printing.test.ts', 'a reason that holds the password'],
  },
  {
    rule: 'verdict',
    what: 'what was not there is called gone',
    file: 'src/report/verdict.ts',
    from: 'if (absent === 0) return',
    to: 'if (absent >= 0) return',
    test: ['__tests__/proof/whole/never-there.test.ts'],
  },
  {
    rule: 'killed',
    what: 'the file is not written before the first request of a step',
    file: 'src/report/journal/journal.ts',
    from: 'const failure = changed ? this.#saving.tryNow() : undefined',
    to: 'const failure: Error | undefined = undefined\n    if (changed) this.#saving.soon()',
    test: [KILLED],
  },
  {
    rule: 'killed',
    what: 'the result says until the end that nothing was written',
    file: 'src/report/journal/journal.ts',
    from: "const ended = entry?.end('incomplete') ?? false\n    this.#report.result = 'incomplete'\n",
    to: 'const ended = false\n',
    test: [KILLED, 'a registry as 3.1.1'],
  },
  {
    rule: 'killed',
    what: 'a label that came back counts as deleted while a placeholder is on it',
    file: 'src/report/journal/marks.ts',
    from: "if (outcome === 'deleted' && placeholder === undefined) return []",
    to: "if (outcome === 'deleted') return []",
    test: [KILLED, 'a label that comes back'],
  },
  {
    rule: 'killed',
    what: 'what was never sent stays unknown',
    file: 'src/report/journal/marks.ts',
    from: 'all || !sent ? [before] : []',
    to: 'all ? [before] : []',
    test: [JOURNAL, 'is taken back if it was not sent'],
  },
  {
    rule: 'killed',
    what: 'what was sent goes back to planned',
    file: 'src/report/journal/marks.ts',
    from: 'all || !sent ? [before] : []',
    to: '[before]',
    test: [JOURNAL, 'is taken back if it was not sent'],
  },
  {
    rule: 'killed',
    what: 'the first request is sent though the file cannot be written',
    file: 'src/report/journal/journal.ts',
    from: 'if (failure === undefined || this.#wrote) {',
    to: 'if (failure === undefined || changed) {',
    test: [JOURNAL, 'forbids the first request'],
  },
  {
    rule: 'hand-over',
    what: 'the draft of a report that cannot be written stays behind',
    file: 'src/report/journal/file.ts',
    from: 'removeDraft(draft)',
    to: '',
    test: ['__tests__/report/journal/file.test.ts', 'leaves no draft behind'],
  },
]

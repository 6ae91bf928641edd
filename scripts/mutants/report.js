/**
 * Defects of the report of a run that is killed, and of what is handed to the runner.
 *
 * @type {import('./list.js').Mutant[]}
 */
export const report = [
  {
    rule: 'killed',
    what: 'the file is not written before the first request of a step',
    file: 'src/report/record.ts',
    from: '    const failure = changed ? this.#tryToWrite() : undefined\n',
    to: '    const failure: Error | undefined = undefined\n    if (changed) this.#writeOften(false)\n',
    test: ['__tests__/hostile/killed.test.ts'],
  },
  {
    rule: 'killed',
    what: 'the result says until the end that nothing was written',
    file: 'src/report/record.ts',
    from: "    this.report.result = 'incomplete'\n    if (own !== undefined) own.result = 'incomplete'\n",
    to: '',
    test: ['__tests__/hostile/killed.test.ts', 'a registry as 3.1.1'],
  },
  {
    rule: 'killed',
    what: 'the file is written for each request',
    file: 'src/purge/stage.ts',
    from: '      contents.map(({ digest }) => ({ item: { kind, name: digest } })),\n',
    to: '      [],\n',
    test: ['__tests__/hostile/killed.test.ts', 'a step writes the file once'],
  },
  {
    rule: 'killed',
    what: 'the placeholder stands in the log only',
    file: 'src/purge/placeholder.ts',
    from: '  work.placeholders.add(dummy.digest)\n  intend(work, tags, dummy)\n',
    to: '  work.placeholders.add(dummy.digest)\n',
    test: ['__tests__/hostile/killed.test.ts', 'labels alone by a placeholder:'],
  },
  {
    rule: 'killed',
    what: 'the second placeholder is not named before its blobs are uploaded',
    file: 'src/purge/placeholder.ts',
    from: '    work.tools.recorder.about(work.plan.repository)\n    work.wrote = true\n',
    to: '    work.wrote = true\n',
    test: ['__tests__/hostile/killed.test.ts', 'a placeholder of blobs'],
  },
  {
    rule: 'killed',
    what: 'a label that came back counts as deleted while a placeholder is on it',
    file: 'src/report/marks.ts',
    from: "    if (entry.outcome === 'deleted' && placeholder === undefined) return false\n",
    to: "    if (entry.outcome === 'deleted') return false\n",
    test: ['__tests__/hostile/killed.test.ts', 'a label that comes back'],
  },
  {
    rule: 'killed',
    what: 'what was never sent stays unknown',
    file: 'src/report/marks.ts',
    from: '      if (all || !before.sent) {\n',
    to: '      if (all) {\n',
    test: ['__tests__/report/record.test.ts', 'takes back what was not sent'],
  },
  {
    rule: 'killed',
    what: 'what was sent goes back to planned',
    file: 'src/report/marks.ts',
    from: '      if (all || !before.sent) {\n',
    to: '      {\n',
    test: ['__tests__/report/record.test.ts', 'takes back what was not sent'],
  },
  {
    rule: 'killed',
    what: 'the first request is sent though the file cannot be written',
    file: 'src/report/record.ts',
    from: '    if (failure === undefined || this.#sent) {\n',
    to: '    if (failure === undefined || changed) {\n',
    test: ['__tests__/report/record.test.ts', 'forbids the first request'],
  },
]

/**
 * Defects of the files of `src/` itself.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const src = [
  {
    rule: 'time',
    what: 'the clock of a run changes when the system clock is set',
    file: 'src/system.ts',
    from: 'Math.floor(performance.timeOrigin + performance.now())',
    to: 'Date.now()',
    test: ['__tests__/project/system-clock.test.ts'],
  },
]

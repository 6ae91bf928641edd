/**
 * Defects of the report of a run that is killed, and of what is handed to the runner.
 *
 * @type {import('./list.js').Mutant[]}
 */
export const report = []

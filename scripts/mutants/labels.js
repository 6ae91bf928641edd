/**
 * Defects of how labels go, and of what counts as intact.
 *
 * @type {import('./list.js').Mutant[]}
 */
export const labels = []

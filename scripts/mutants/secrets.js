/**
 * Defects of what is taken out of texts.
 *
 * @type {import('./list.js').Mutant[]}
 */
export const secrets = []

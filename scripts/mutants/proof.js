/**
 * Defects of the proof: what counts as gone, in which order, how often.
 *
 * @type {import('./list.js').Mutant[]}
 */
export const proof = []

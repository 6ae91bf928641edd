/**
 * Defects of how lists are read: pages, stale lists, hidden tags.
 *
 * @type {import('./list.js').Mutant[]}
 */
export const lists = []

/** Another one each time, but in CI, where a build must say the same of the same source. */
const CHANCE = process.env['CI'] === 'true' ? 271_828_182 : Date.now() % 2 ** 31
export const SEED = Number(process.env['FUZZ_SEED'] ?? CHANCE)

/** Texts for the text path. */
export const TEXTS = Number(process.env['FUZZ_TEXTS'] ?? 12_000)
/** Runs of the bundle. */
export const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300)
/** The numbers of the runs or texts to repeat; undefined: all. */
export const ONLY = process.env['FUZZ_ONLY']?.split(',').map(Number)

/** What to set to see one failure again. */
export const again = (number: number): string => `FUZZ_SEED=${SEED} FUZZ_ONLY=${number}`

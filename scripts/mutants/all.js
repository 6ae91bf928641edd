import { action } from './action.js'
import { config } from './config.js'
import { flow } from './flow.js'
import { oci } from './oci.js'
import { plan } from './plan.js'
import { proof } from './proof.js'
import { purge } from './purge.js'
import { registry } from './registry.js'
import { report } from './report.js'
import { src } from './src.js'
import { survey } from './survey.js'

/**
 * A small deliberate defect, and the test that must turn red because of it.
 *
 * - `rule`, `what`: the rule that the defect breaks, and the wrong behaviour, for people.
 * - `file`, `from`: the source file, and the part of it to replace. `from` is compared token by token, so white space, line
 *   breaks, comments and trailing commas do not count. It must start and end with a whole token, and match exactly once.
 * - `inside`: if given, `from` only has to be unique in the function, method, class or variable of this name.
 * - `to`: the replacement.
 * - `test`: the test file, and a part of the test's name.
 *
 * @typedef {{ rule: string, what: string, file: string, from: string, inside?: string, to: string, test: [string, string?] }} Mutant
 */

/**
 * The mutants of each folder of `src/`, and of `src/` itself.
 *
 * @type {Record<string, Mutant[]>}
 */
export const byFolder = { action, config, flow, oci, plan, proof, purge, registry, report, src, survey }

export const mutants = Object.values(byFolder).flat()

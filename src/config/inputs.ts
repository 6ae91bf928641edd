import { parseDigest, type Digest } from '../oci/digest.js'
import type { Parsed } from '../oci/parsed.js'
import { readAsk } from './ask/ask.js'
import { readChoices } from './choices.js'
import { readClientTls } from './client-tls.js'
import { readCredentials } from './credentials.js'
import { readLimits } from './limits.js'
import type { InputProblem } from './problem.js'
import { readProtectedTags } from './protected.js'
import { InputReader } from './reader.js'
import type { Settings } from './settings.js'
import { showInputs } from './shown.js'
import { parseAuthorities } from './text/authorities.js'
import { parseOrigin } from './text/registry.js'
import { parseBoolean } from './text/values.js'
import { unknownInputs } from './unknown.js'

/** The settings, or all problems. The other fields are set in both cases, for the report. */
export interface Read {
  readonly settings?: Settings
  readonly problems: readonly InputProblem[]
  /** The text of every input in force, without secrets. */
  readonly shown: Readonly<Record<string, string>>
  readonly reportFile?: string
  readonly reason?: string
  /** Texts to mask before anything is logged; a private key in PEM form may be among them. */
  readonly secrets: readonly string[]
}

/**
 * Reads and checks all inputs. No other code reads them. If there is any problem, there are no settings. Sends no request.
 *
 * @param given the texts by the names of their inputs. The name of an undeclared input is a problem
 * @param now milliseconds since the epoch
 */
export function readInputs(given: ReadonlyMap<string, string>, now: number): Read {
  const reader = new InputReader(given)
  const { problems } = reader
  problems.push(...unknownInputs(given.keys()))
  reader.checkDefaults()

  const registry = reader.parse<string | undefined>('registry', parseOrigin, undefined)
  const { ask, named, origin } = readAsk(reader, registry, now)
  const credentials = readCredentials(reader)
  const server = origin ?? registry
  const tls = readClientTls(reader, server?.startsWith('http:') === true)
  const protectedTags = readProtectedTags(reader, named)
  const approved = reader.parse<Digest | undefined>('approve', parseApproval, undefined)
  const reason = reader.text('reason')
  const reportFile = readReportFile(reader)
  const options = {
    ...readChoices(reader, named),
    verifyTls: reader.parse('tls-verify', parseBoolean, true),
    authorities: reader.parse<readonly string[]>('ca-certificate', parseAuthorities, []),
    dryRun: reader.parse('dry-run', parseBoolean, false),
    ...readLimits(reader),
  }

  const asOf = problems.length === 0 && ask.is === 'cleanup' ? ask.asOf : undefined
  const read = {
    problems,
    shown: showInputs(reader, server, asOf, tls.keyPath),
    secrets: [...credentials.secrets, ...tls.secrets],
    ...(reportFile !== '' && { reportFile }),
    ...(reason !== '' && { reason }),
  }
  if (problems.length > 0 || origin === undefined) return read
  const settings: Settings = {
    ...options,
    ...protectedTags,
    origin,
    ask,
    shown: read.shown,
    ...(credentials.basic !== undefined && { basic: credentials.basic }),
    ...(tls.clientTls !== undefined && { clientTls: tls.clientTls }),
    ...(approved !== undefined && { approved }),
    ...(reason !== '' && { reason }),
  }
  return { ...read, settings }
}

function parseApproval(text: string): Parsed<Digest | undefined> {
  if (text === 'any') return { value: undefined }
  const digest = parseDigest(text)
  if (digest?.startsWith('sha256:') === true) return { value: digest }
  return { wrong: 'write `any`, or a fingerprint: `sha256:` and 64 lower-case hex digits' }
}

function readReportFile(reader: InputReader): string {
  const path = reader.text('report-file')
  if (path.includes('\0')) reader.addProblem('report-file', 'it holds a zero byte')
  return path
}

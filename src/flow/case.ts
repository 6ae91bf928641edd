import type { Case } from '../plan/plan.js'
import type { Surveyor } from '../survey/surveyor.js'

/** One repository's case, with what can check it again later. */
export interface SurveyedCase extends Case {
  readonly surveyor: Surveyor
  /** When its survey began and ended, milliseconds since the epoch. */
  readonly surveyed: { readonly from: number; readonly to: number }
}

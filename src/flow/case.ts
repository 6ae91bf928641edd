import type { Case } from '../plan/plan.js'
import type { Surveyor } from '../survey/surveyor.js'

/** The case of one repository, with its surveyor for later checks. */
export interface SurveyedCase extends Case {
  readonly surveyor: Surveyor
  /** When its survey began and ended, milliseconds since the epoch. */
  readonly surveyed: { readonly from: number; readonly to: number }
}

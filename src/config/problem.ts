/** A mistake in the inputs. */
export interface InputProblem {
  readonly kind: 'input'
  /** The input to change; if there are several, the first. An unknown one has the name that the user wrote. */
  readonly input: string
  /** The whole sentence for the user. */
  readonly text: string
}

/** A mistake in the inputs. */
export interface InputProblem {
  readonly kind: 'input'
  /** The input to change; the first one if there are several. For an undeclared input, the name from the user. */
  readonly input: string
  /** The whole sentence for the user. */
  readonly text: string
}

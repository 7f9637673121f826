/**
 * A rule that a small world has broken.
 *
 * @since 0.1.0
 */

/**
 * The rules that are checked: S1 to S7 and L1 to L3 are the protocol's own, `Contract` is what a node and its shell owe each
 * other.
 *
 * @category models
 * @since 0.1.0
 */
export type Rule = "S1" | "S2" | "S3" | "S4" | "S5" | "S7" | "L1" | "L2" | "L3" | "Contract"

/**
 * Thrown where a rule is broken, and caught by whoever chose the step.
 *
 * @category errors
 * @since 0.1.0
 */
export class Breach extends Error {
  override readonly name = "Breach"
  readonly rule: Rule

  constructor(rule: Rule, detail: string) {
    super(`${rule}: ${detail}`)
    this.rule = rule
  }
}

/**
 * Breaks off the step unless the condition holds. `detail` is only asked for when it does not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const check = (rule: Rule, condition: boolean, detail: () => string): void => {
  if (!condition) throw new Breach(rule, detail())
}

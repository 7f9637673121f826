/**
 * A rule that a simulated group has broken.
 *
 * @since 0.1.0
 */

/**
 * The rules that simulations check. S1 to S7 and L1 to L4 are the protocol's own; `Contract` is what a node and its shell
 * owe each other, `Purity` what a reducer owes everybody, `Storm` that nobody works without end, `Idle` that a simulation
 * does something at all, `Defect` that nothing throws.
 *
 * @category models
 * @since 0.1.0
 */
export type Rule =
  | "S1"
  | "S2"
  | "S3"
  | "S4"
  | "S5"
  | "S7"
  | "L1"
  | "L2"
  | "L3"
  | "L4"
  | "Contract"
  | "Purity"
  | "Storm"
  | "Idle"
  | "Defect"

/**
 * Thrown where a rule is broken, and caught where the simulation began.
 *
 * @category errors
 * @since 0.1.0
 */
export class Violation extends Error {
  override readonly name = "Violation"
  readonly rule: Rule

  constructor(rule: Rule, detail: string) {
    super(`${rule}: ${detail}`)
    this.rule = rule
  }
}

/**
 * Breaks off the simulation unless the condition holds. `detail` is only asked for when it does not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const check = (rule: Rule, condition: boolean, detail: () => string): void => {
  if (!condition) throw new Violation(rule, detail())
}

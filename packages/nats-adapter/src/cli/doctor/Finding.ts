/**
 * What the doctor has found.
 *
 * @since 0.1.0
 */

/**
 * How bad a finding is: `error` makes the group unsafe or keeps it from its work, `warning` will or may, `note` is worth
 * knowing.
 *
 * @category models
 * @since 0.1.0
 */
export type Severity = "error" | "warning" | "note"

/**
 * One thing that is not as it should be, and what to do about it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  readonly check: string
  readonly severity: Severity
  readonly problem: string
  readonly cure: string
}

/**
 * A check: pure, from facts to what is found in them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Check<Facts> {
  readonly name: string
  /** What it looks for, in a few words. */
  readonly looksFor: string
  readonly examine: (facts: Facts) => ReadonlyArray<Omit<Finding, "check">>
}

/**
 * Runs checks on facts. The worst comes first; what is equally bad keeps the order of the checks.
 *
 * @category running
 * @since 0.1.0
 */
export const examine = <Facts>(checks: ReadonlyArray<Check<Facts>>, facts: Facts): ReadonlyArray<Finding> =>
  checks.flatMap(({ examine: look, name }) => look(facts).map((found) => ({ check: name, ...found })))

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/**
 * Puts the worst first.
 *
 * @category ordering
 * @since 0.1.0
 */
export const bySeverity = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> =>
  findings.toSorted((one, other) => ranks[one.severity] - ranks[other.severity])

/**
 * A finding of one severity, as checks make them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const error = (problem: string, cure: string): Omit<Finding, "check"> => ({ severity: "error", problem, cure })

/**
 * A finding of one severity, as checks make them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const warning = (problem: string, cure: string): Omit<Finding, "check"> => ({
  severity: "warning",
  problem,
  cure
})

/**
 * A finding of one severity, as checks make them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const note = (problem: string, cure: string): Omit<Finding, "check"> => ({ severity: "note", problem, cure })

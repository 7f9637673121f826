/**
 * The law book of strategies, to hold your own against.
 *
 * **Example** (What one's own strategies promise, held to at every change and longer at night)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import { type Claims, everyStrategy, hashing, keeping, type LawOptions, strategyLaws } from "@parti/testkit/StrategyLaws"
 * import { describe, it } from "vitest"
 *
 * const numRuns = process.env["NIGHTLY"] === undefined ? 40 : 10_000
 * const options: LawOptions = { numRuns, test: it }
 *
 * // This one minds no limits on counts, which is law 21.
 * const which = everyStrategy.filter((law) => law !== 21)
 * describe("alphabetical", () => strategyLaws(alphabetical, { ...options, which }))
 *
 * describe("by hash", () => strategyLaws(Strategy.rendezvous(), { ...options, which: hashing }))
 *
 * describe("what keeps what it can", () => strategyLaws(Strategy.sticky(), { ...options, which: keeping }))
 *
 * // Two moves at a time: so the first plan after a change is not kept (law 5), but the budget is (law 10).
 * const claims: Partial<Claims> = { maxMoves: 2 }
 * describe("what takes its time", () => {
 *   const gentle = [...everyStrategy.filter((law) => law !== 5), 10]
 *   strategyLaws(Strategy.sticky({ maxMoves: 2 }), { ...options, ...claims, which: gentle })
 * })
 * ```
 *
 * **Example** (A table of what a strategy keeps, for its page)
 *
 * ```ts
 * import { type Law, laws, strategyLaws } from "@parti/testkit/StrategyLaws"
 *
 * const isKept = ({ number }: Law): boolean => {
 *   try {
 *     strategyLaws(alphabetical, { which: [number] })
 *     return true
 *   } catch {
 *     return false
 *   }
 * }
 * const table = laws.map((law) => `| ${law.number} | ${law.title} | ${isKept(law) ? "yes" : "no"} |`)
 * ```
 *
 * @since 0.1.0
 */
import type { AssignmentStrategy } from "@parti/core/Strategy"
import * as fc from "fast-check"
import { balanceLaws } from "./laws/Balance.ts"
import { inputs } from "./laws/Input.ts"
import { golden } from "./laws/Golden.ts"
import { returns } from "./laws/Return.ts"
import type { Claims, Law } from "./laws/Rule.ts"
import { validity } from "./laws/Validity.ts"

export { goldenPlans } from "./laws/Golden.ts"
export type { Claims, Law } from "./laws/Rule.ts"

/**
 * All thirty laws, by number.
 *
 * @category laws
 * @since 0.1.0
 */
export const laws: ReadonlyArray<Law> = [...validity, ...inputs, ...balanceLaws, ...returns, golden].toSorted(
  (a, b) => a.number - b.number
)

/**
 * Laws for every strategy: the plan is whole, depends on the input alone, and stays when nothing changes.
 *
 * @category laws
 * @since 0.1.0
 */
export const everyStrategy: ReadonlyArray<number> = [...validity, ...inputs].map(({ number }) => number)

/**
 * Laws for strategies that place by hashing alone.
 *
 * @category laws
 * @since 0.1.0
 */
export const hashing: ReadonlyArray<number> = [...everyStrategy, 9, 11]

/**
 * Laws for strategies that keep what they can: everything but budgets (10, 15) and standbys (18, 19), which not all have.
 *
 * @category laws
 * @since 0.1.0
 */
export const keeping: ReadonlyArray<number> = [...everyStrategy, 6, 7, 8, 9, 14, 16, 17, 20, 28]

/**
 * Which laws, and how to try them. All is optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface LawOptions extends Partial<Claims> {
  /** Numbers of laws. Default: `everyStrategy`. */
  readonly which?: ReadonlyArray<number>
  /** Scenes for each law. Default 100. */
  readonly numRuns?: number
  /** Where the scenes come from. Default: 1. */
  readonly seed?: number
  /** The one scene to repeat, as a failure printed it. */
  readonly path?: string
  /** Registers each law as a test, as `it` of vitest or `test` of node does. Without it the laws are tried at once. */
  readonly test?: (title: string, run: () => void) => void
}

const claimsOf = (options: LawOptions): Claims => {
  const { tolerance = 0, weightTolerance = 0.05, maxMoves = Infinity, golden = null } = options
  return { tolerance, weightTolerance, maxMoves, golden }
}

/** The first line says which law, the second how to see it again. */
const failure = (strategy: AssignmentStrategy, law: Law, details: fc.RunDetails<unknown>): string => {
  const { seed, counterexamplePath, counterexample, errorInstance } = details
  const cause = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return [
    `${strategy.name} breaks law ${law.number}: ${law.title}`,
    `replay: strategyLaws(strategy, { which: [${law.number}], seed: ${seed}, path: "${counterexamplePath ?? ""}" })`,
    cause,
    `for ${fc.stringify(counterexample)}`
  ].join("\n")
}

const attempt = (strategy: AssignmentStrategy, law: Law, options: LawOptions): string | null => {
  const { numRuns = 100, seed = 1, path } = options
  const parameters = path === undefined ? { numRuns, seed } : { numRuns, seed, path }
  const details = fc.check(law.of(strategy, claimsOf(options)), parameters)
  return details.failed ? failure(strategy, law, details) : null
}

/**
 * Holds a strategy to the laws it should keep.
 *
 * **Details**
 *
 * Without `test` all laws are tried at once and the failures are thrown together. Each failure names the law, how to
 * replay it, what went wrong, and the smallest scene found.
 *
 * **Example** (Under vitest)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import { strategyLaws } from "@parti/testkit/StrategyLaws"
 * import { describe, it } from "vitest"
 *
 * const myStrategy = Strategy.coLocate(Strategy.roundRobin(), ({ keys }) => keys[0] ?? "")
 *
 * describe("my strategy", () => strategyLaws(myStrategy, { which: [1, 2, 3], test: it }))
 * ```
 *
 * **Gotchas** A law that holds for all scenes tried is not proved. `numRuns` buys more of them.
 *
 * @category laws
 * @since 0.1.0
 */
export const strategyLaws = (strategy: AssignmentStrategy, options: LawOptions = {}): void => {
  const { which = everyStrategy, test } = options
  const chosen = laws.filter(({ number }) => which.includes(number))
  if (test !== undefined) {
    for (const law of chosen) test(`law ${law.number}: ${law.title}`, () => fail([attempt(strategy, law, options)]))
    return
  }
  fail(chosen.map((law) => attempt(strategy, law, options)))
}

const fail = (failures: ReadonlyArray<string | null>): void => {
  const found = failures.filter((one) => one !== null)
  if (found.length > 0) throw new Error(found.join("\n\n"))
}

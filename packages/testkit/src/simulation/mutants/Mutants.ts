/**
 * All mutants, and how one is hunted.
 *
 * @since 0.1.0
 */
import { Node } from "@parti/core/Protocol"
import * as Campaign from "../Campaign.ts"
import type { Options } from "../Group.ts"
import type * as Simulation from "../Simulation.ts"
import type { Mutant } from "./Mutant.ts"
import * as OfLeaders from "./OfLeaders.ts"
import * as OfPurity from "./OfPurity.ts"
import * as OfRebalances from "./OfRebalances.ts"
import * as OfStore from "./OfStore.ts"
import * as OfWorkers from "./OfWorkers.ts"

/**
 * Every wrong version there is.
 *
 * @category constants
 * @since 0.1.0
 */
export const all: ReadonlyArray<Mutant> = [
  ...OfStore.mutants,
  ...OfWorkers.mutants,
  ...OfLeaders.mutants,
  ...OfRebalances.mutants,
  ...OfPurity.mutants
]

/** Some mutants keep a memory of their own, so that purity is only looked at where it is what is wrong. */
const options = (mutant: Mutant): Options => ({
  ...Campaign.honest,
  flaws: mutant.flaws ?? {},
  probes: OfPurity.mutants.includes(mutant) ? 50 : 0,
  reducers: { ...Campaign.honest.reducers, transition: mutant.wrap?.(Node.transition) ?? Node.transition }
})

/**
 * Runs seeds until one of them kills the mutant; `null` when it survives them all.
 *
 * @category combinators
 * @since 0.1.0
 */
export const hunt = (
  mutant: Mutant,
  range: Pick<Campaign.Range, "from" | "seeds" | "faultyMs">
): Simulation.Report | null =>
  Campaign.run({ ...range, without: new Set(), focus: mutant.focus ?? [], goesOn: false }, options(mutant))
    .failures[0] ?? null

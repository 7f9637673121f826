/**
 * The hunt for wrong versions of the protocol through all small worlds.
 *
 * @since 0.1.0
 */
import { Node } from "@parti/core/Protocol"
import * as Mutant from "../simulation/mutants/Mutant.ts"
import * as Landing from "./Landing.ts"
import type { Transition } from "./Model.ts"
import type { Scenario } from "./Scenario.ts"
import * as Scenarios from "./Scenarios.ts"
import * as Search from "./Search.ts"

/**
 * A rule that a mutant breaks, and in which world.
 *
 * @category models
 * @since 0.1.0
 */
export interface Kill {
  readonly scenario: Scenario
  readonly finding: Search.Finding
  readonly states: number
}

/**
 * The reducer with the mistake in it; `null` where the mistake is one that a small world does not have: of a store that
 * lies, or of a reducer with a memory of its own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const transitionOf = (mutant: Mutant.Mutant): Transition | null => {
  const purposes = mutant.flaws?.ignoresRevision
  if (purposes === undefined) return mutant.flaws === undefined ? (mutant.wrap?.(Node.transition) ?? null) : null
  return Mutant.withCommand((command) =>
    (command._tag === "WriteWorker" || command._tag === "WritePlan" || command._tag === "WriteLeader") &&
    purposes.includes(command.write.purpose)
      ? { ...command, write: { ...command.write, expected: Landing.unconditional } }
      : command
  )(Node.transition)
}

/**
 * Searches one small world after the other until one of them shows the mistake; `null` when none does.
 *
 * @category combinators
 * @since 0.1.0
 */
export const hunt = (
  transition: Transition,
  maxStates: number,
  worlds: ReadonlyArray<Scenario> = Scenarios.all
): Kill | null => {
  for (const scenario of worlds) {
    const { finding, states } = Search.run(scenario, { maxStates, restEvery: 10, transition })
    if (finding !== null) return { scenario, finding, states }
  }
  return null
}

/** What tests ask of what came of a scenario. */
import { assert } from "vitest"
import type { Outcome } from "../../../../chaos/Scenario.ts"

/** Nothing was lost, out of order, or owned twice; and something was done. The message has what there is to know. */
export const holds = ({ account, breaches, figures }: Outcome): void => {
  assert.deepStrictEqual(breaches, [], JSON.stringify(figures))
  assert.isAbove(account.handled, 100)
}

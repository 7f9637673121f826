/**
 * Deals partitions like cards.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import * as FairShare from "./FairShare.ts"
import * as Recipe from "./Recipe.ts"
import type { AssignmentStrategy } from "./Strategy.ts"

/**
 * Deals the partitions, in canonical order, to the workers in turn. Who has reached its limit, or is drained, is passed
 * over; weights and other capacities are ignored.
 *
 * **Gotchas** It remembers nothing: when a worker comes or goes, nearly every partition moves.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const plan = Strategy.assign(Strategy.roundRobin(), {
 *   workers: [{ id: "a" }, { id: "b" }],
 *   partitions: [{ keys: ["eu"] }, { keys: ["us"] }, { keys: ["asia"] }]
 * })
 * ```
 *
 * @category strategies
 * @since 0.1.0
 */
export const roundRobin = (): AssignmentStrategy => ({
  name: "roundRobin",
  algoVersion: 1,
  ...Recipe.of("roundRobin", {}),
  assign: ({ workers, partitions }) => {
    const room = FairShare.limits(workers, partitions.size)
    const owner = new Int32Array(partitions.size)
    let turn = 0
    for (let i = 0; i < owner.length; i++) {
      while ((room[turn] ?? 0) < 1) turn = (turn + 1) % workers.length
      owner[i] = turn
      room[turn] = (room[turn] ?? 0) - 1
      turn = (turn + 1) % workers.length
    }
    return { owner }
  }
})

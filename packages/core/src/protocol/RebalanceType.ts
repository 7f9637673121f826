/**
 * What kind of change has happened to a group.
 *
 * @since 0.1.0
 */
import type { RebalanceType } from "../model/Plan.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Config } from "./Config.ts"

/**
 * A group as the assignment was computed for it, or as it is now. `work` stands for the partitions with their weights,
 * and for capacities, limits and zones: two groups with the same `work` need no other assignment on its account.
 *
 * @category models
 * @since 0.1.0
 */
export interface Group {
  readonly workers: ReadonlyArray<WorkerId>
  readonly work: string
}

/**
 * A group as it is now. `crashed`: workers of before that are known to have ended without a word. `suspected`: those that
 * have been silent for longer than a healthy worker ever is; they count for telling a mass restart, never as crashed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Present extends Group {
  readonly crashed: ReadonlyArray<WorkerId>
  readonly suspected: ReadonlyArray<WorkerId>
}

/**
 * Tells a cold start, a mass restart, an emergency and a planned change apart.
 *
 * **Details**
 *
 * In this order: nobody before and somebody now is a cold start; more than `restartRatio` of the former workers crashed is
 * a restart; one crashed worker is an emergency; any other difference is planned; none is `null`. Workers are compared as
 * sets: as many joined as crashed is still an emergency.
 *
 * **Example**
 *
 * ```ts
 * import { detectRebalanceType, WorkerId } from "@parti/core/Protocol"
 * import { Result } from "effect"
 *
 * const worker = (name: string) => Result.getOrThrow(WorkerId.parse(name))
 * const before = { workers: [worker("a"), worker("b")], work: "a" }
 * const now = { workers: [worker("a"), worker("c")], work: "a", crashed: [worker("b")], suspected: [] }
 * detectRebalanceType(before, now, { restartRatio: 0.5 }) // "emergency"
 * ```
 *
 * @category reducers
 * @since 0.1.0
 */
export const detectRebalanceType = (
  previous: Group,
  current: Present,
  config: Pick<Config, "restartRatio">
): RebalanceType | null => {
  const before = new Set(previous.workers)
  const crashed = current.crashed.filter((id) => before.has(id)).length
  const suspected = current.suspected.filter((id) => before.has(id)).length
  if (before.size === 0) return current.workers.length > 0 ? "cold_start" : null
  if (crashed > 0 && crashed + suspected > config.restartRatio * before.size) return "restart"
  if (crashed > 0) return "emergency"
  const isSame =
    before.size === current.workers.length &&
    current.workers.every((id) => before.has(id)) &&
    previous.work === current.work
  return isSame ? null : "planned_scale"
}

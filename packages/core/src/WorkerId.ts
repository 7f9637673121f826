/**
 * The name of a worker in its group.
 *
 * **Example** (Names that a program was given)
 *
 * ```ts
 * import { WorkerId } from "@parti/core"
 * import { Result } from "effect"
 *
 * const idsOf = (names: ReadonlyArray<string>): Result.Result<ReadonlyArray<WorkerId.WorkerId>, WorkerId.WorkerIdInvalid> =>
 *   Result.map(Result.all(names.map(WorkerId.parse)), (ids) => ids.toSorted(WorkerId.compare))
 *
 * Result.map(idsOf(["worker-b", "worker-a"]), ([first]) => first) // "worker-a", whatever the locale
 * ```
 *
 * @since 0.1.0
 */
export * from "./model/WorkerId.ts"

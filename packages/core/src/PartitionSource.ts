/**
 * Where a group's list of partitions comes from.
 *
 * **Example** (A source that says how long its list is)
 *
 * ```ts
 * import { PartitionSource } from "@parti/core"
 * import { Effect, Result, Stream } from "effect"
 *
 * const told = (listed: PartitionSource.Listed) =>
 *   Result.match(listed, {
 *     onSuccess: (list) => Effect.log(`${list.length} partitions`),
 *     onFailure: (error: PartitionSource.PartitionSourceFailed) => Effect.logWarning(error.message)
 *   })
 *
 * // The same list, and a line in the log for each.
 * const logged = (source: PartitionSource.PartitionSource): PartitionSource.PartitionSource => ({
 *   read: source.read,
 *   changes: Stream.tap(source.changes, told)
 * })
 *
 * // An operator's button; a list that breaks a rule leaves the one before.
 * const replaceBy = (source: PartitionSource.FixedSource, names: ReadonlyArray<string>) =>
 *   Effect.ignore(source.update(names.map((name) => ({ keys: [name] }))), { log: true })
 * ```
 *
 * @since 0.1.0
 */
export * from "./runtime/PartitionSource.ts"

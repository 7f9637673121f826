import { Result } from "effect"
import * as Partition from "../../src/model/Partition.ts"
import * as WorkerId from "../../src/model/WorkerId.ts"

/** A worker's name that is known to be legal. */
export const idOf = (name: string): WorkerId.WorkerId => Result.getOrThrow(WorkerId.parse(name))

/** Partitions of these names, in canonical order. */
export const partitionsOf = (...names: ReadonlyArray<string>): ReadonlyArray<Partition.Partition> =>
  Result.getOrThrow(Partition.normalise(names.map((name) => ({ keys: [name] }))))

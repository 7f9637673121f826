/**
 * Runs a strategy and checks what it answers.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import { assert } from "../model/Assert.ts"
import * as FairShare from "./FairShare.ts"
import * as Statistics from "./Statistics.ts"
import type { AssignmentStrategy, StrategyDraft, StrategyError, StrategyInput, StrategyPlan } from "./Strategy.ts"
import { CapacityExceeded, NoWorkers, StrategyRefused, WorkerInvalid } from "./Strategy.ts"

const checkWorkers = (input: StrategyInput): StrategyError | null => {
  const { workers, partitions } = input
  if (workers.length === 0) return new NoWorkers({ partitions: partitions.size })
  let last: string | null = null
  for (const { id, capacity, maxPartitions } of workers) {
    assert(last === null || last < id, `workers are ordered by id and listed once: ${last} before ${id}`)
    last = id
    if (!Number.isFinite(capacity) || capacity < 0) {
      return new WorkerInvalid({ id, field: "capacity", rule: "it must be finite and not negative", value: capacity })
    }
    if (maxPartitions !== null && !(Number.isSafeInteger(maxPartitions) && maxPartitions >= 0)) {
      const rule = "it must be a whole number and not negative, or null for no limit"
      return new WorkerInvalid({ id, field: "maxPartitions", rule, value: maxPartitions })
    }
  }
  return null
}

const checkCapacity = (strategy: AssignmentStrategy, input: StrategyInput): StrategyError | null => {
  if (strategy.overflow === "exceed") return null
  const capacity = FairShare.roomFor(input.workers)
  return capacity < input.partitions.size ? new CapacityExceeded({ partitions: input.partitions.size, capacity }) : null
}

const isIndex = (value: number, count: number): boolean => value >= 0 && value < count && Math.trunc(value) === value

/** Whether a column may be passed on as it is. */
const isClean = (column: ArrayLike<number>, input: StrategyInput): column is Int32Array => {
  if (!(column instanceof Int32Array) || column.length !== input.partitions.size) return false
  for (let i = 0; i < column.length; i++) {
    const worker = column[i] ?? -1
    if (worker < -1 || worker >= input.workers.length) return false
  }
  return true
}

// Whoever is not there any more owns nothing.
const present = (column: ArrayLike<number>, input: StrategyInput): Int32Array => {
  if (isClean(column, input)) return column
  const clean = new Int32Array(input.partitions.size).fill(-1)
  for (let i = 0; i < clean.length; i++) {
    const worker = column[i] ?? -1
    if (isIndex(worker, input.workers.length)) clean[i] = worker
  }
  return clean
}

const nothing = new Int32Array(0)

/** Strategies need not look for homes where there are none. */
const known = (column: ArrayLike<number>, input: StrategyInput): Int32Array => {
  if (column.length === 0) return nothing
  const clean = present(column, input)
  for (let i = 0; i < clean.length; i++) if ((clean[i] ?? -1) >= 0) return clean
  return nothing
}

const call = (strategy: AssignmentStrategy, input: StrategyInput): StrategyDraft | StrategyRefused => {
  try {
    return strategy.assign(input)
  } catch (thrown) {
    const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
    return new StrategyRefused({ strategy: strategy.name, rule: "it must not throw", detail })
  }
}

interface Fault {
  readonly rule: string
  readonly detail: string
}

const isColumn = (value: unknown, length: number): value is ArrayLike<number> =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && "length" in value && value.length === length

/** The owners as a column of our own; and how many partitions each got. */
interface Owners {
  readonly owner: Int32Array
  readonly counts: Int32Array
}

const ownersOf = (input: StrategyInput, draft: StrategyDraft): Owners | Fault => {
  const { ids, size } = input.partitions
  const workers = input.workers.length
  if (typeof draft !== "object" || draft === null || !isColumn(draft.owner, size)) {
    return { rule: "it must answer an owner for each partition", detail: `there are ${size} partitions` }
  }
  const answer = draft.owner
  const owner = new Int32Array(size)
  const counts = new Int32Array(workers)
  for (let i = 0; i < size; i++) {
    const worker = answer[i] ?? -1
    if (!isIndex(worker, workers)) {
      const detail = `partition ${ids[i]} got ${answer[i]}; there are ${workers} workers`
      return { rule: "each partition must be owned by a worker that exists", detail }
    }
    owner[i] = worker
    counts[worker] = (counts[worker] ?? 0) + 1
  }
  return { owner, counts }
}

const checkStandbys = (input: StrategyInput, draft: StrategyDraft): Fault | null => {
  const { ids, size } = input.partitions
  const standby = draft.standby ?? null
  if (standby === null) return null
  if (!isColumn(standby, size)) {
    return { rule: "it must answer a standby for each partition, or none", detail: `there are ${size} partitions` }
  }
  for (let i = 0; i < size; i++) {
    const worker = standby[i]
    if (worker === undefined || !Number.isInteger(worker) || worker < -1 || worker >= input.workers.length) {
      const detail = `partition ${ids[i]} got ${worker}; there are ${input.workers.length} workers`
      return { rule: "each standby must be a worker that exists, or -1", detail }
    }
    if (worker === draft.owner[i]) {
      return {
        rule: "a standby must not be the owner",
        detail: `partition ${ids[i]} has ${input.workers[worker]?.id} twice`
      }
    }
  }
  return null
}

const checkLimits = ({ workers, partitions }: StrategyInput, { counts }: Owners): Fault | null => {
  const limits = FairShare.limits(workers, partitions.size)
  const over = limits.findIndex((limit, j) => (counts[j] ?? 0) > limit)
  if (over < 0) return null
  const detail = `worker ${workers[over]?.id} may own ${limits[over]} and got ${counts[over]}`
  return { rule: "no worker may own more than its limit", detail }
}

const checkBudget = (draft: StrategyDraft): Fault | null => {
  const { deferred = 0, roundsLeft = 0 } = draft
  return deferred >= 0 && roundsLeft >= 0 && Number.isFinite(deferred) && Number.isFinite(roundsLeft)
    ? null
    : { rule: "what it defers must be finite and not negative", detail: `${deferred} in ${roundsLeft} rounds` }
}

const planOf = (input: StrategyInput, draft: StrategyDraft): StrategyPlan | Fault => {
  const owners = ownersOf(input, draft)
  if ("rule" in owners) return owners
  const fault = checkStandbys(input, draft) ?? checkLimits(input, owners) ?? checkBudget(draft)
  if (fault !== null) return fault
  const { deferred = 0, roundsLeft = 0, standby = null } = draft
  return {
    owner: owners.owner,
    standby: standby === null ? null : Int32Array.from(standby),
    statistics: Statistics.measure(input, owners.owner, { deferred, roundsLeft })
  }
}

/**
 * Asks a strategy for a plan and checks it: an owner for each partition, who exists; no worker above its limit; standbys
 * who are not the owner. The statistics are reckoned here, not believed.
 *
 * **Details** Owners, hints and standbys that are no index into `workers` count as none, so that columns of an older plan
 * may be passed as they are.
 *
 * **Gotchas** Workers that are not in order, or twice, are a mistake of the program: it dies.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import { Result } from "effect"
 *
 * const input = Strategy.prepare({ workers: [{ id: "a" }, { id: "b" }], partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
 * const plan = Strategy.run(Strategy.sticky(), Result.getOrThrow(input))
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = (strategy: AssignmentStrategy, input: StrategyInput): Result.Result<StrategyPlan, StrategyError> => {
  const refused = checkWorkers(input) ?? checkCapacity(strategy, input)
  if (refused !== null) return Result.fail(refused)
  const { previousStandby } = input
  const clean = {
    ...input,
    previous: present(input.previous, input),
    hints: known(input.hints, input),
    previousStandby: previousStandby === null ? null : present(previousStandby, input)
  }
  const draft = call(strategy, clean)
  if (draft instanceof StrategyRefused) return Result.fail(draft)
  const plan = planOf(clean, draft)
  return "rule" in plan ? Result.fail(new StrategyRefused({ strategy: strategy.name, ...plan })) : Result.succeed(plan)
}

/**
 * What a strategy made from another one answers when that one gave no plan.
 *
 * @category constructors
 * @since 0.1.0
 */
export const refusal = (strategy: AssignmentStrategy, error: StrategyError): StrategyRefused =>
  error instanceof StrategyRefused
    ? error
    : new StrategyRefused({ strategy: strategy.name, rule: error._tag, detail: error.message })

/**
 * What a rebalance would move.
 *
 * @since 0.1.0
 */
import type { GroupSnapshot } from "@parti/core/GroupObserver"
import * as Partition from "@parti/core/Partition"
import * as Strategy from "@parti/core/Strategy"
import * as Result from "effect/Result"
import { type Failure, PlanMissing, UsageInvalid } from "../Failure.ts"
import * as Table from "../Table.ts"
import type { SupposedStrategy } from "./SupposedStrategy.ts"
import * as WorkerReport from "./WorkerReport.ts"

/**
 * What is supposed: so many more workers, these workers gone, this strategy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Supposition {
  readonly addWorkers: number
  readonly remove: ReadonlyArray<string>
  readonly strategy: SupposedStrategy
}

/**
 * One worker before and after.
 *
 * @category models
 * @since 0.1.0
 */
export interface DryRunWorker {
  readonly id: string
  readonly change: "joins" | "leaves" | null
  readonly before: number
  readonly after: number
}

/**
 * What would move: the JSON of `parti plan --dry-run`. `moved` and `minimum` count partitions where all weigh the same, else
 * weight; no plan that is as well balanced moves less than `minimum`. `decision`: the number of the one whose strategy is asked;
 * `caveat`: why it may be another than the group's.
 *
 * @category models
 * @since 0.1.0
 */
export interface DryRun {
  readonly group: string
  readonly version: number
  readonly strategy: string
  readonly decision: number | null
  readonly caveat: string | null
  readonly unit: "partitions" | "weight"
  readonly moved: number
  readonly minimum: number
  readonly movedPartitions: number
  readonly partitions: number
  /** The highest load after it, over a fair share. */
  readonly maxOverFair: number
  readonly workers: ReadonlyArray<DryRunWorker>
  readonly moves: ReadonlyArray<{ readonly partition: string; readonly from: string | null; readonly to: string }>
}

/**
 * Works out what a rebalance at this moment would move: all workers that live and are not being drained take part.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (
  group: string,
  snapshot: GroupSnapshot,
  serverNow: number,
  supposed: Supposition
): Result.Result<DryRun, Failure> => {
  const { plan } = snapshot
  if (plan === null) return Result.fail(new PlanMissing({ group }))
  const present = WorkerReport.all(snapshot, serverNow).filter(({ standing }) => standing === "live")
  const unknown = supposed.remove.filter((id) => !present.some((worker) => worker.id === id))
  if (unknown.length > 0) {
    const known = present.map(({ id }) => id).join(", ")
    const reason = `--remove: ${unknown.join(", ")} is not among the workers that take part, which are ${known}`
    return Result.fail(new UsageInvalid({ reason }))
  }
  const staying = present.filter(({ id }) => !supposed.remove.includes(id))
  const workers = [...staying.map(strategyWorker), ...newcomers(staying, supposed.addWorkers)]
  const nameOf = (index: number | undefined) => plan.workers[index ?? -1]?.id
  // What has no next is leaving the source, and nobody is to own it.
  const rows = plan.list.partitions.flatMap((partition, place) => {
    const owner = nameOf(plan.owner[place])
    const next = nameOf(plan.next[place])
    const isLeaving = owner !== undefined && next === undefined
    return isLeaving ? [] : [{ partition, id: Partition.id(partition), holder: next ?? owner }]
  })
  const previous = rows.flatMap(({ holder, id }) => (holder === undefined ? [] : [[id, holder] as const]))
  const { caveat, decision, strategy } = supposed.strategy
  const input = { workers, partitions: rows.map(({ partition }) => partition), previous }
  return Result.map(Strategy.assign(strategy, input), (named) => {
    const { forced, forcedCount, lowerBound, maxOverFair, voluntary, voluntaryCount } = named.statistics
    const moves = rows.flatMap(({ holder, id }) => {
      const to = named.owners.get(id)
      return to === undefined || to === holder ? [] : [{ partition: id, from: holder ?? null, to }]
    })
    const weights = new Set(rows.map(({ partition }) => partition.weight))
    return {
      group,
      version: plan.version,
      strategy: strategy.name,
      decision,
      caveat,
      unit: weights.size > 1 ? "weight" : "partitions",
      moved: forced + voluntary,
      minimum: forced + lowerBound,
      movedPartitions: forcedCount + voluntaryCount,
      partitions: rows.length,
      maxOverFair,
      workers: tally(rows, named.partitions, supposed.remove),
      moves
    }
  })
}

const strategyWorker = ({ capacity, id, maxPartitions, zone }: WorkerReport.WorkerReport): Strategy.WorkerInput => ({
  id,
  capacity: capacity ?? 1,
  maxPartitions,
  zone
})

/** As large as most of those that are there; in no zone, since nobody knows which. */
const newcomers = (
  staying: ReadonlyArray<WorkerReport.WorkerReport>,
  count: number
): ReadonlyArray<Strategy.WorkerInput> => {
  const sizes = Map.groupBy(staying, ({ capacity }) => capacity ?? 1)
  const [usual = 1] = [...sizes].sort(([, one], [, other]) => other.length - one.length).map(([size]) => size)
  return Array.from({ length: count }, (_, index) => ({ id: `new-${index + 1}`, capacity: usual }))
}

const tally = (
  rows: ReadonlyArray<{ readonly holder: string | undefined }>,
  after: ReadonlyMap<string, ReadonlyArray<string>>,
  removed: ReadonlyArray<string>
): ReadonlyArray<DryRunWorker> => {
  const before = Map.groupBy(
    rows.flatMap(({ holder }) => (holder === undefined ? [] : [holder])),
    (holder) => holder
  )
  const ids = [...new Set([...before.keys(), ...after.keys(), ...removed])].sort(WorkerReport.compare)
  return ids.map((id) => {
    const isThere = after.has(id)
    return {
      id,
      change: !isThere ? "leaves" : id.startsWith("new-") && !before.has(id) ? "joins" : null,
      before: before.get(id)?.length ?? 0,
      after: after.get(id)?.length ?? 0
    }
  })
}

const columns = [Table.words("WORKER"), Table.numbers("BEFORE"), Table.numbers("AFTER"), Table.words("")]
const moveColumns = [Table.words("PARTITION"), Table.words("FROM"), Table.words("TO")]

/**
 * The dry run in lines.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (run: DryRun): ReadonlyArray<string> => [
  `dry run of ${Table.printable(run.strategy)}${source(run)} on plan ${run.version} of group ${run.group}; nothing is changed`,
  ...(run.caveat === null ? [] : [`${run.strategy} is supposed: ${Table.printable(run.caveat)}`]),
  summary(run),
  "",
  ...Table.render(
    columns,
    run.workers.map(({ after, before, change, id }) => [id, String(before), String(after), change ?? ""])
  ),
  ...(run.moves.length === 0 ? [] : ["", ...moves(run.moves)])
]

const source = ({ decision }: DryRun): string => (decision === null ? "" : `, as in decision ${decision},`)

const summary = ({ maxOverFair, minimum, moved, movedPartitions, partitions, unit }: DryRun): string => {
  const cost =
    unit === "partitions" ? `at least ${minimum} must` : `weight ${rounded(moved)}; at least ${rounded(minimum)} must`
  const balance = `the fullest worker would have ${rounded(maxOverFair)} of a fair share`
  return `moves ${movedPartitions} of ${partitions} partitions (${cost}); ${balance}`
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100)

/** A rebalance of thousands is no table that anybody reads; JSON has them all. */
const shownMoves = 50

const moves = (all: DryRun["moves"]): ReadonlyArray<string> => [
  ...Table.render(
    moveColumns,
    all.slice(0, shownMoves).map(({ from, partition, to }) => [partition, from ?? "nobody", to])
  ),
  ...(all.length > shownMoves ? [`and ${all.length - shownMoves} more; --json prints all`] : [])
]

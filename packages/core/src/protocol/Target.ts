/**
 * Where every partition is to be.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type { Version } from "../model/Epoch.ts"
import * as Partition from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type PartitionList, type Plan } from "../model/Plan.ts"
import * as WorkerId from "../model/WorkerId.ts"
import * as Check from "../strategy/Check.ts"
import type { StrategyInput, StrategyWorker } from "../strategy/Strategy.ts"
import * as Calculator from "./Calculator.ts"
import type { Config } from "./Config.ts"
import type { Kept, Sight } from "./Desk.ts"
import * as Handoff from "./Handoff.ts"
import type { Report } from "./Report.ts"
import type * as Roster from "./Roster.ts"

/**
 * What a target changes: the list, the columns over it, where each partition is wanted (an index of the roster; `null`:
 * where `next` says), who is to stand by (an index of the roster; `null` without standbys), and what the leader keeps
 * beside them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Target {
  readonly list: PartitionList
  readonly columns: Handoff.Columns
  readonly wanted: ArrayLike<number> | null
  readonly standby: ReadonlyArray<number> | null
  readonly home: ReadonlyArray<WorkerId.WorkerId | null>
  readonly work: string
  readonly isDeferred: boolean
}

/**
 * What the strategy is asked, and where its answer belongs. `eligible` are the workers of the question, by their rows;
 * `places` says for each partition of the question where it stands in the list. Without anybody to assign to there is no
 * question.
 *
 * @category models
 * @since 0.1.0
 */
export interface Prepared {
  readonly list: PartitionList
  readonly columns: Handoff.Columns
  readonly home: ReadonlyArray<WorkerId.WorkerId | null>
  readonly work: string
  readonly eligible: ReadonlyArray<{ readonly row: Roster.Row; readonly index: number }>
  readonly places: ReadonlyArray<number>
  readonly question: StrategyInput | null
}

/**
 * Puts together what the strategy is to be asked.
 *
 * @category constructors
 * @since 0.1.0
 */
export const prepare = (
  base: Plan,
  kept: Kept,
  sourced: ReadonlyArray<Partition.Partition> | null,
  rows: ReadonlyArray<Roster.Row>,
  version: Version
): Prepared => {
  const source = sourced ?? base.list.partitions
  const list = union(base, source, rows, version)
  const before: Handoff.Columns = { ...base, openedAt: kept.openedAt }
  const columns = list === base.list ? before : Handoff.relist(before, base.list, list)
  const standby = relisted(base, list)
  const home = homes(base, kept, rows, list)
  const work = workOf(source, rows)
  const eligible = rows.flatMap((row, index) => (row.isEligible ? [{ row, index }] : []))
  eligible.sort((a, b) => WorkerId.compare(a.row.id, b.row.id))
  const partitions = PartitionSet.of(source)
  const within = PartitionSet.of(list.partitions)
  const seats = new Map(eligible.map(({ row }, seat) => [row.id, seat]))
  const seatOf = (index: number | undefined) => seats.get(rows[index ?? nobody]?.id ?? absentId) ?? nobody
  const places = partitions.ids.map((id) => within.indexOf(id))
  const common = { list, columns, home, work, eligible, places }
  if (eligible.length === 0) return { ...common, question: null }
  const question = {
    workers: eligible.map(({ row }) => strategyWorker(row)),
    partitions,
    previous: places.map((p) => {
      const next = seatOf(columns.next[p])
      return next === nobody ? seatOf(columns.owner[p]) : next
    }),
    hints: places.map((p) => seats.get(home[p] ?? absentId) ?? nobody),
    previousStandby: standby === null ? null : places.map((p) => seatOf(standby[p]))
  }
  return { ...common, question }
}

/**
 * Asks the strategy where everything is to be. Without anybody to assign to, everything is taken back: the group is being
 * shut down.
 *
 * @category reducers
 * @since 0.1.0
 */
export const compute = (
  config: Config,
  base: Plan,
  kept: Kept,
  sight: Sight,
  rows: ReadonlyArray<Roster.Row>,
  version: Version
): Result.Result<Target, Report> => {
  const { columns, eligible, home, list, places, question, work } = prepare(base, kept, sight.source, rows, version)
  const common = { list, columns, home, work }
  if (question === null) {
    return Result.succeed({ ...common, wanted: list.partitions.map(() => nobody), standby: null, isDeferred: false })
  }
  const plan = Check.run(config.strategy, question)
  if (Result.isFailure(plan)) return Result.fail(refusal(config, kept, plan.failure))
  const { owner, standby: planned, statistics } = plan.success
  const spread = (column: ArrayLike<number>): ReadonlyArray<number> => {
    const whole = list.partitions.map(() => nobody)
    places.forEach((p, i) => {
      whole[p] = eligible[column[i] ?? nobody]?.index ?? nobody
    })
    return whole
  }
  return Result.succeed({
    ...common,
    wanted: spread(owner),
    standby: planned === null ? null : spread(planned),
    isDeferred: statistics.roundsLeft > 0
  })
}

/** Who stands by for each partition of a list, as the plan in force has it. */
const relisted = (base: Plan, list: PartitionList): ReadonlyArray<number> | null => {
  const { standby } = base
  if (standby === undefined || list === base.list) return standby ?? null
  const before = PartitionSet.of(base.list.partitions)
  return PartitionSet.of(list.partitions).ids.map((id) => standby[before.indexOf(id)] ?? nobody)
}

/** No worker is called so: an id is never empty. */
const absentId = "" as WorkerId.WorkerId

const strategyWorker = (row: Roster.Row): StrategyWorker => ({
  id: row.id,
  capacity: row.capacity,
  maxPartitions: row.maxPartitions,
  zone: row.zone
})

const refusal = (config: Config, kept: Kept, error: { readonly _tag: string; readonly message: string }): Report => ({
  _tag: "StrategyRefused",
  strategy: config.strategy.name,
  rule: error._tag,
  detail: error.message,
  retryInMs: Calculator.retryDelayMs("refusals" in kept.calculator ? kept.calculator.refusals : 0)
})

/** A partition that has left the source stays listed until nobody can be running it any more. */
const union = (
  base: Plan,
  source: ReadonlyArray<Partition.Partition>,
  rows: ReadonlyArray<Roster.Row>,
  version: Version
): PartitionList => {
  const listed = PartitionSet.of(base.list.partitions)
  const sourced = PartitionSet.of(source)
  if (listed.fingerprint === sourced.fingerprint) return base.list
  const retiring = base.list.partitions.filter((_, p) => {
    const owner = rows[base.owner[p] ?? nobody]
    return owner !== undefined && !owner.hasEnded && sourced.indexOf(listed.ids[p] ?? "") < 0
  })
  if (retiring.length === 0) return { version, partitions: source }
  // Both lists were checked and share no id, so there is nothing that could be refused.
  return { version, partitions: Result.getOrElse(Partition.normalise([...source, ...retiring]), () => source) }
}

const homes = (
  base: Plan,
  kept: Kept,
  rows: ReadonlyArray<Roster.Row>,
  list: PartitionList
): ReadonlyArray<WorkerId.WorkerId | null> => {
  const ids = new Set(rows.filter((row) => row.isEligible).map((row) => row.id))
  const known = base.owner.map((owner, p) => {
    const id = rows[owner]?.id
    if (id === undefined) return kept.home[p] ?? null
    if (!ids.has(id)) return id
    return kept.home[p] === id ? null : (kept.home[p] ?? null)
  })
  if (list === base.list) return known
  const before = PartitionSet.of(base.list.partitions)
  return PartitionSet.of(list.partitions).ids.map((id) => known[before.indexOf(id)] ?? null)
}

/**
 * Equal as long as no other assignment is needed on account of partitions, weights, capacities, limits or zones.
 *
 * @category combinators
 * @since 0.1.0
 */
export const workOf = (partitions: ReadonlyArray<Partition.Partition>, rows: ReadonlyArray<Roster.Row>): string => {
  const shapes = rows.flatMap((row) => (row.isEligible && isOdd(row) ? [shapeOf(row)] : [])).sort()
  return [PartitionSet.of(partitions).fingerprint, ...shapes].join()
}

const isOdd = (row: Roster.Row): boolean => row.capacity !== 1 || row.maxPartitions !== null || row.zone !== null

const shapeOf = (row: Roster.Row): string => `${row.id}=${row.capacity}/${row.maxPartitions ?? ""}@${row.zone ?? ""}`

/**
 * Whether a worker had another capacity, limit or zone when some work was told by `workOf`. Only for those who tell people: a zone may be called
 * anything.
 *
 * @category predicates
 * @since 0.1.0
 */
export const hasChangedShape = (work: string, row: Roster.Row): boolean =>
  work !== "" && (isOdd(row) ? !work.includes(`,${shapeOf(row)}`) : work.includes(`,${row.id}=`))

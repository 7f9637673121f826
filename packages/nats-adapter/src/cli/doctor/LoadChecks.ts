/**
 * Checks of who has how much.
 *
 * @since 0.1.0
 */
import type { WorkerReport } from "../report/WorkerReport.ts"
import { type GroupFacts, living } from "./Facts.ts"
import { type Check, error, note, warning } from "./Finding.ts"

type GroupCheck = Check<GroupFacts>

const taking = ({ status }: GroupFacts): ReadonlyArray<WorkerReport> =>
  status.workers.filter(({ standing }) => standing === "live")

const noCapacity: GroupCheck = {
  name: "no-capacity",
  looksFor: "no worker may take anything",
  examine: (facts) => {
    if (living(facts).length === 0 || taking(facts).some(({ capacity }) => (capacity ?? 0) > 0)) return []
    return [
      error(
        "all workers are being drained, or have a capacity of 0",
        "`parti undrain` one of them, or start a worker with a capacity"
      )
    ]
  }
}

const tooFewPlaces: GroupCheck = {
  name: "max-partitions",
  looksFor: "the workers may own fewer partitions than there are",
  examine: (facts) => {
    const workers = taking(facts)
    const places = workers.reduce((sum, { maxPartitions }) => sum + (maxPartitions ?? Number.POSITIVE_INFINITY), 0)
    const { partitions } = facts.status
    if (workers.length === 0 || places >= partitions) return []
    return [
      error(
        `${partitions} partitions, but the workers may own ${places} together`,
        "add workers, or raise their maxPartitions"
      )
    ]
  }
}

/** What no strategy leaves behind unless single partitions are very heavy. */
const tolerableImbalance = 1.5

const imbalance: GroupCheck = {
  name: "imbalance",
  looksFor: "a worker has far more than its share",
  examine: (facts) => {
    const workers = taking(facts).filter(({ capacity, maxPartitions }) => (capacity ?? 0) > 0 && maxPartitions === null)
    const { handingOver, phase } = facts.status
    if (workers.length < 2 || phase.tag !== "Idle" || handingOver > 0) return []
    const capacity = workers.reduce((sum, worker) => sum + (worker.capacity ?? 0), 0)
    const load = workers.reduce((sum, { weight }) => sum + weight, 0)
    const heaviest = Math.max(0, ...(facts.snapshot.plan?.list.partitions.map(({ weight }) => weight) ?? []))
    return workers.flatMap((worker) => {
      const share = (load * (worker.capacity ?? 0)) / capacity
      // One partition more than the share is what whole partitions cost.
      if (worker.weight <= share * tolerableImbalance || worker.weight - share <= heaviest) return []
      return [
        warning(
          `${worker.id} has ${Math.round((worker.weight / share) * 100)} % of its fair share`,
          "`parti plan --dry-run` tells what a rebalance would move, and `parti rebalance` does it"
        )
      ]
    })
  }
}

const idleWorkers: GroupCheck = {
  name: "idle-workers",
  looksFor: "there are more workers than partitions",
  examine: (facts) => {
    const { partitions } = facts.status
    const count = taking(facts).length
    if (partitions === 0 || count <= partitions) return []
    return [
      note(
        `${count} workers share ${partitions} partitions, so ${count - partitions} have nothing to do`,
        "more partitions, or fewer workers; who stands idle takes over when another is lost"
      )
    ]
  }
}

const noPartitions: GroupCheck = {
  name: "no-partitions",
  looksFor: "the list of partitions is empty",
  examine: ({ status: { partitions, plan } }) =>
    plan === null || partitions > 0
      ? []
      : [warning("the plan lists no partition", "look at the source of partitions, and at the log of the leader")]
}

/** Where nobody has thought of weights, all weigh the same as the code has it. */
const equalWeights: GroupCheck = {
  name: "equal-weights",
  looksFor: "weights say nothing",
  examine: ({ snapshot }) => {
    const weights = new Set(snapshot.plan?.list.partitions.map(({ weight }) => weight) ?? [])
    const [only] = weights
    if (weights.size !== 1 || only === undefined || (snapshot.plan?.list.partitions.length ?? 0) < 2) return []
    return [
      note(
        `all partitions weigh ${only}, so the group balances their number`,
        "weights, if some partitions cost more than others; nothing, if they do not"
      )
    ]
  }
}

/**
 * All of them.
 *
 * @category checks
 * @since 0.1.0
 */
export const checks: ReadonlyArray<GroupCheck> = [
  noCapacity,
  tooFewPlaces,
  noPartitions,
  imbalance,
  idleWorkers,
  equalWeights
]

/**
 * Checks of the workers, their leases, and the clocks.
 *
 * @since 0.1.0
 */
import type { WorkerReport } from "../report/WorkerReport.ts"
import * as Span from "../Span.ts"
import { type GroupFacts, living } from "./Facts.ts"
import { type Check, error, note, warning } from "./Finding.ts"
import * as LeaseRule from "./LeaseRule.ts"

type GroupCheck = Check<GroupFacts>

const standing = ({ status }: GroupFacts, wanted: WorkerReport["standing"]): ReadonlyArray<WorkerReport> =>
  status.workers.filter((worker) => worker.standing === wanted)

const listed = (workers: ReadonlyArray<{ readonly id: string }>): string => workers.map(({ id }) => id).join(", ")

const noWorkers: GroupCheck = {
  name: "no-workers",
  looksFor: "nobody works",
  examine: (facts) =>
    living(facts).length > 0
      ? []
      : [error("no worker of the group is alive", "start workers; look at the log of those that do not stay")]
}

const singleWorker: GroupCheck = {
  name: "single-worker",
  looksFor: "one worker does everything",
  examine: (facts) => {
    const [only, ...others] = living(facts)
    if (only === undefined || others.length > 0) return []
    return [note(`${only.id} is alone: when it is lost, nobody takes over`, "start a second worker")]
  }
}

const silentWorkers: GroupCheck = {
  name: "silent-worker",
  looksFor: "a worker has let its lease end",
  examine: (facts) =>
    standing(facts, "silent").map(({ heartbeatAgeMs, id }) =>
      error(
        `${id} has not renewed its lease for ${Span.render(heartbeatAgeMs ?? 0)}, and nobody has evicted it`,
        "the leader evicts it in a moment, if there is one; look at whether its process lives, and is not blocked"
      )
    )
}

/** Of what a lease bears without a renewal. */
const tolerableDelay = 0.25

const blockedLoops: GroupCheck = {
  name: "blocked-loop",
  looksFor: "the event loop of a worker is held up for long",
  examine: (facts) => {
    const alive = new Set(living(facts).map(({ id }) => id))
    return facts.snapshot.workers.flatMap(({ id, record: { leaseMs, loopDelayMs = 0, marginMs } }) =>
      !alive.has(id) || loopDelayMs <= (leaseMs - marginMs) * tolerableDelay
        ? []
        : [
            warning(
              `the event loop of ${id} was held up for ${loopDelayMs} ms, and its lease ends after ${leaseMs - marginMs} ms without a renewal`,
              "cut synchronous work into pieces, or move it to a worker thread; else give it more memory or processors, or a longer `leaseMs`"
            )
          ]
    )
  }
}

const fencedWorkers: GroupCheck = {
  name: "fenced-worker",
  looksFor: "a worker did not give up a partition in time",
  examine: (facts) =>
    standing(facts, "fenced").map(({ id }) =>
      error(
        `${id} was shut out: one of its handlers did not end when it was told to`,
        'let handlers heed their signal; onStuckHandler: "exit" ends such a process; restart it'
      )
    )
}

const missingWorkers: GroupCheck = {
  name: "missing-worker",
  looksFor: "the plan names a worker that has no record",
  examine: (facts) =>
    standing(facts, "missing").map(({ id, partitions }) =>
      warning(
        `the plan gives ${id} ${partitions} partitions, and its record is gone`,
        "nothing, if it goes away within a lease; a record was removed by hand, or aged away while nobody led"
      )
    )
}

const idPool: GroupCheck = {
  name: "id-pool",
  looksFor: "hardly any worker id is free",
  examine: (facts) => {
    const { idCount, snapshot } = facts
    const held = snapshot.workers.filter(({ record }) => record.state === "live" || record.state === "fenced").length
    if (held < 0.8 * idCount) return []
    const tell = held >= idCount ? error : warning
    return [
      tell(
        `${held} of ${idCount} worker ids are held: after a crash others wait until a lease has ended`,
        "raise the count of workerIdPool in all workers; --ids tells the doctor of another count"
      )
    ]
  }
}

const sharedInstance: GroupCheck = {
  name: "shared-instance",
  looksFor: "two workers bear the name of one process",
  examine: (facts) =>
    [...Map.groupBy(living(facts), ({ instance }) => instance ?? "")].flatMap(([instance, workers]) =>
      instance === "" || workers.length < 2
        ? []
        : [
            warning(
              `${listed(workers)} all call themselves ${JSON.stringify(instance)}, and claim the same id when they restart`,
              "give each process an `instance` of its own, such as its pod's name"
            )
          ]
    )
}

const leasesDiffer: GroupCheck = {
  name: "leases-differ",
  looksFor: "workers have different timings",
  examine: (facts) => {
    const timings = new Set(
      facts.snapshot.workers
        .filter(({ record }) => record.state === "live")
        .map(({ record }) => `${record.leaseMs} ms with a margin of ${record.marginMs} ms`)
    )
    if (timings.size < 2) return []
    return [
      warning(
        `workers hold leases of ${[...timings].join(", and of ")}`,
        "give all workers the same configuration; nothing, while a change of it is being rolled out"
      )
    ]
  }
}

const shortestLease = ({ snapshot }: GroupFacts) =>
  snapshot.workers
    .map(({ record }) => record)
    .filter(({ state }) => state === "live")
    .reduce<number | null>((least, { leaseMs, marginMs }) => Math.min(least ?? Infinity, leaseMs - marginMs), null)

const roundTrip: GroupCheck = {
  name: "round-trip",
  looksFor: "leases are short for the way to the server",
  examine: (facts) => {
    const { roundTripMs } = facts.timing
    const lease = shortestLease(facts)
    const bearing = lease === null ? "well" : LeaseRule.bears(lease, roundTripMs)
    if (bearing === "well") return []
    const tell = bearing === "not" ? error : warning
    return [
      tell(
        `a round trip to the server takes ${Math.round(roundTripMs)} ms, and a worker may be without one for ${lease} ms`,
        "longer leases in all workers (`leaseMs`), or a server that is nearer; this machine may be further away than they are"
      )
    ]
  }
}

/** Windows and the numbers of plans go by the wall clock; a few seconds do no harm. */
const tolerableSkewMs = 2_000

const clockSkew: GroupCheck = {
  name: "clock-skew",
  looksFor: "clocks differ",
  examine: ({ timing: { aheadMs } }) =>
    Math.abs(aheadMs) <= tolerableSkewMs
      ? []
      : [
          warning(
            `this machine's clock is ${Span.render(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} the server's`,
            "let both follow a time server; leases do not depend on it, but windows and tokens do"
          )
        ]
}

/** The relation C4 of the configuration. */
const leasesInMargin = 100

const narrowMargin: GroupCheck = {
  name: "narrow-margin",
  looksFor: "margins are too small for clocks that run at different rates",
  examine: ({ snapshot }) =>
    snapshot.workers
      .filter(({ record }) => record.state === "live" && record.leaseMs > record.marginMs * leasesInMargin)
      .map(({ id, record }) =>
        warning(
          `${id} has a margin of ${record.marginMs} ms for a lease of ${record.leaseMs} ms: clocks that differ by 1 % defeat it`,
          `raise marginMs to ${Math.ceil(record.leaseMs / leasesInMargin)} or more`
        )
      )
}

/**
 * All of them.
 *
 * @category checks
 * @since 0.1.0
 */
export const checks: ReadonlyArray<GroupCheck> = [
  noWorkers,
  silentWorkers,
  blockedLoops,
  fencedWorkers,
  missingWorkers,
  idPool,
  roundTrip,
  clockSkew,
  leasesDiffer,
  narrowMargin,
  sharedInstance,
  singleWorker
]

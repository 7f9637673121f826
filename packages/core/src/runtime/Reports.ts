/**
 * Reports in words.
 *
 * @since 0.1.0
 */
import type { Report } from "../protocol/Report.ts"

/**
 * How much a report matters, and what it says in one line.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  readonly level: "Warn" | "Error"
  readonly message: string
}

const at = (level: Description["level"], message: string): Description => ({ level, message })

/**
 * Puts a report into words.
 *
 * @category conversions
 * @since 0.1.0
 */
export const describe = (report: Report): Description => {
  switch (report._tag) {
    case "RecordUndecodable":
      return at("Error", `record ${report.key} at revision ${report.revision} cannot be read: ${report.reason}`)
    case "NoWorkerIdAvailable":
      return at("Error", `no worker id is free; held by ${holders(report.holders)}; allow more ids or wait`)
    case "WorkerIdTaken":
      return at(
        "Warn",
        `worker id ${report.workerId} is held by another process (silent ${report.silentMs} ms); choose another or wait`
      )
    case "SessionLost":
      return at(
        "Error",
        `worker ${report.workerId} lost its session: ${report.by}; it releases everything and claims again`
      )
    case "WorkerEvicted":
      return at("Warn", `worker ${report.workerId} was evicted after ${report.silentMs} ms of silence`)
    case "WorkerFenced":
      return at(
        "Warn",
        `worker ${report.workerId} did not give up its partitions in ${report.waitedMs} ms and was fenced`
      )
    case "StrategyRefused":
      return at(
        "Error",
        `strategy ${report.strategy} was refused (${report.rule}): ${report.detail}; again in ${report.retryInMs} ms`
      )
    case "PartitionsRefused":
      return at("Error", `the list of partitions was refused: ${report.reason}; the last good one stays`)
    case "PartitionsEmptyUnconfirmed":
      return at(
        "Warn",
        `the partition source is empty after ${report.listed} partitions; asking again before acting on it`
      )
    case "IncarnationChanged":
      return at("Warn", `the store was lost or set back: ${report.before} became ${report.after}`)
    case "PlanLost":
      return at("Error", "the plan is gone from the store; nothing is granted until every worker has confirmed")
    case "HandlerStuck":
      return at("Error", `handler of partition ${report.partition} has not ended ${report.forMs} ms after its stop`)
  }
}

const holders = (all: ReadonlyArray<{ readonly id: string; readonly silentMs: number }>): string =>
  all
    .slice(0, 10)
    .map(({ id, silentMs }) => `${id} (silent ${silentMs} ms)`)
    .join(", ") + (all.length > 10 ? `, and ${all.length - 10} more` : "")

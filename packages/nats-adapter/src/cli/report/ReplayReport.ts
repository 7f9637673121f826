/**
 * What came of computing logged decisions again.
 *
 * @since 0.1.0
 */
import * as Decision from "@parti/core/Decision"
import * as Table from "../Table.ts"
import * as ExplainReport from "./ExplainReport.ts"

/**
 * Decisions and their replays, newest first: the JSON of `parti replay`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReplayReport {
  readonly group: string
  readonly replays: ReadonlyArray<{
    readonly decision: ExplainReport.DecisionReport
    readonly replay: Decision.Replayed
  }>
  readonly unreadable: Decision.Logbook["unreadable"]
}

/**
 * Replays some decisions of a log.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (
  group: string,
  decisions: Decision.Logbook["decisions"],
  unreadable: Decision.Logbook["unreadable"]
): ReplayReport => ({
  group,
  replays: decisions.map((logged) => ({
    decision: ExplainReport.decision(logged.decision),
    replay: Decision.replay(logged)
  })),
  unreadable
})

/**
 * How many decisions come out otherwise than they were logged.
 *
 * @category getters
 * @since 0.1.0
 */
export const differing = ({ replays }: ReplayReport): number =>
  replays.filter(({ replay }) => replay._tag === "Differs").length

const columns = [
  Table.numbers("#"),
  Table.words("DECIDED"),
  Table.words("TRIGGER"),
  Table.words("STRATEGY"),
  Table.numbers("MOVED"),
  Table.numbers("AT LEAST"),
  Table.words("REPLAY")
]

const outcome = (replay: Decision.Replayed): string => {
  switch (replay._tag) {
    case "Agrees":
      return "agrees"
    case "Differs":
      return replay.count === 0 ? "differs in standbys or costs" : `differs in ${replay.count} partitions`
    case "Unreplayable":
      return `cannot be told: ${replay.why}`
  }
}

const rounded = (amount: number): string => String(Math.round(amount * 100) / 100)

/**
 * The report in lines.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = ({ replays, unreadable }: ReplayReport): ReadonlyArray<string> => {
  const rows = replays.map(({ decision, replay }) => [
    String(decision.number),
    decision.decidedAt,
    decision.trigger,
    decision.strategy,
    rounded(decision.moved),
    rounded(decision.minimum),
    outcome(replay)
  ])
  const differences = replays.flatMap(({ decision, replay }) =>
    replay._tag === "Differs"
      ? replay.differences.map(
          ({ logged, partition, recomputed }) =>
            `#${decision.number} gave ${partition} to ${logged ?? "nobody"}; computed again, ${recomputed ?? "nobody"} gets it`
        )
      : []
  )
  const spoiled = unreadable.map(({ key, reason }) => `${key} cannot be read: ${reason}`)
  const table = rows.length === 0 ? ["the log has no decision yet"] : Table.render(columns, rows)
  return [...table, ...differences.map(Table.printable), ...spoiled.map(Table.printable)]
}

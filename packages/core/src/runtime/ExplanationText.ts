/**
 * Explanations, for people.
 *
 * @since 0.1.0
 */
import type { Changes, Decision, MoveReason, Named, Steps } from "../protocol/Decision.ts"
import type { Explanation, Holder, Moved } from "../protocol/Explanation.ts"

/**
 * An explanation as lines of text, the newest move first. Times are those of the leader's wall clock, in UTC.
 *
 * @category conversions
 * @since 0.1.0
 */
export const describe = ({ decisions, gaps, holder, moves, oldest, partition }: Explanation): ReadonlyArray<string> => [
  ...holding(partition, holder),
  ...moves.flatMap((move) => ["", ...moveLines(move)]),
  "",
  `${extent(decisions, oldest)}.`,
  ...gaps.map(({ number, why }) => `Decision #${number} cannot tell: ${why}.`)
]

const extent = (decisions: number, oldest: number | null): string => {
  if (oldest === null) return "The log has no decision yet"
  const kept = `The log has ${count(decisions, "decision")}, from #${oldest} on`
  return oldest === 1 ? kept : `${kept}; what came before is not known`
}

/**
 * A moment as it is written everywhere here.
 *
 * @category conversions
 * @since 0.1.0
 */
export const moment = (wallMs: number): string => new Date(wallMs).toISOString().replace("T", " ")

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`

const rounded = (value: number): string => String(Math.round(value * 100) / 100)

const holding = (partition: string, holder: Holder | null): ReadonlyArray<string> => {
  if (holder === null) return [`${partition} is not in the plan.`]
  const { isHandingOver, isRenewed, next, owner, since, standby, token } = holder
  const whose =
    owner === null
      ? `${partition} is run by nobody.`
      : `${partition} is run by ${owner} since ${moment(since)}, under token ${token}.`
  return [
    whose,
    ...(isHandingOver ? [`It is on its way to ${next ?? "nobody"}.`] : []),
    ...(isRenewed && owner !== null
      ? [`${owner} came back under its id, in a new session, after the newest decision.`]
      : []),
    ...(standby === null ? [] : [`${standby} stands by.`])
  ]
}

const moveLines = ({ decision, from, reason, to }: Moved): ReadonlyArray<string> => [
  `#${decision.number}  ${moment(decision.steps.decidedAt)}  ${from ?? "nobody"} → ${to ?? "nobody"}: ${because[reason]}`,
  `    ${summary(decision)}`,
  `    ${stepLine(decision.steps)}`
]

const because: Readonly<Record<MoveReason, string>> = {
  removed: "it left the source",
  added: "it was new",
  returned: "it returned home, to the worker that had it before",
  drain: "its worker was being emptied",
  orphaned: "its worker was gone",
  balance: "for balance",
  weight: "weights, capacities, limits or zones had changed",
  strategy: "the strategy decided otherwise"
}

const triggers: Readonly<Record<Decision["trigger"], string>> = {
  cold_start: "cold start",
  restart: "mass restart",
  emergency: "emergency",
  planned_scale: "planned change",
  requested: "requested"
}

/**
 * A decision in one line: what called for it, what was different, and what it cost.
 *
 * @category conversions
 * @since 0.1.0
 */
export const summary = (decision: Decision): string => {
  const { cost, strategy } = decision
  const bound = `${rounded(cost.moved)} moved, ${rounded(cost.minimum)} at least`
  return `${cause(decision)}; ${strategy.name}; ${bound}${cost.isDeferred ? ", more put off" : ""}`
}

/**
 * What called for a decision, and what was different.
 *
 * @category conversions
 * @since 0.1.0
 */
export const cause = ({ changes, trigger }: Pick<Decision, "changes" | "trigger">): string =>
  [triggers[trigger], changeList(changes).join(", ")].filter((part) => part !== "").join(": ")

const changeList = (changes: Changes): ReadonlyArray<string> => [
  ...named(changes.joined, "joined"),
  ...named(changes.crashed, "crashed"),
  ...named(changes.gone, "gone"),
  ...named(changes.draining, "being emptied"),
  ...(changes.partitionsAdded > 0 ? [`${count(changes.partitionsAdded, "partition")} added`] : []),
  ...(changes.partitionsRemoved > 0 ? [`${count(changes.partitionsRemoved, "partition")} removed`] : []),
  ...(changes.isReweighted ? ["weights or capacities changed"] : [])
]

/** So many workers are told by name in one line. */
const maxNames = 4

const named = ({ count: all, ids }: Named, what: string): ReadonlyArray<string> => {
  if (all === 0) return []
  const first = ids.slice(0, maxNames)
  const rest = all - first.length
  return [`${first.join(" ")}${rest > 0 ? ` and ${rest} more` : ""} ${what}`]
}

const stepLine = (steps: Steps): string => {
  const { acknowledgedAt, decidedAt, grantedAt, publishedAt, slowest, stableAt, supersededBy, windowOpenedAt } = steps
  const after = (name: string, at: number | null) => (at === null ? [] : [`${name} +${at - decidedAt} ms`])
  return [
    ...(windowOpenedAt === null ? [] : [`window opened ${decidedAt - windowOpenedAt} ms before`]),
    ...after("in force", publishedAt),
    ...after("acknowledged", acknowledgedAt).map((told) => (slowest === null ? told : `${told} (${slowest} was last)`)),
    ...after("granted", grantedAt),
    ...after("stable", stableAt),
    ...(supersededBy === null ? [] : ["superseded before it was done"])
  ].join(" · ")
}

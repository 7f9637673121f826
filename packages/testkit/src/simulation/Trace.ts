/**
 * What happened, line by line.
 *
 * @since 0.1.0
 */
import type { Command, Event, Plan } from "@parti/core/Protocol"

/**
 * A trace. Lines are only made when somebody reads them, since most simulations are run for their verdict alone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trace {
  readonly isOn: boolean
  readonly lines: Array<string>
  now: number
}

/**
 * An empty trace.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (isOn: boolean): Trace => ({ isOn, lines: [], now: 0 })

/**
 * Adds a line, under the present instant of true time.
 *
 * @category combinators
 * @since 0.1.0
 */
export const say = (trace: Trace, line: () => string): void => {
  if (trace.isOn) trace.lines.push(`${String(trace.now).padStart(7)} ${line()}`)
}

/**
 * An event and what it led to, on one line.
 *
 * @category combinators
 * @since 0.1.0
 */
export const showStep = (event: Event, commands: ReadonlyArray<Command>, ignored: string | null): string => {
  const { _tag, at, wall, ...rest } = event
  const fields = Object.keys(rest).length === 0 ? "" : ` ${brief(rest)}`
  const answer = ignored === null ? commands.map(showCommand).join("") : ` ~${ignored}`
  return `at=${at} wall=${wall % 1_000_000} ${_tag}${fields}${answer}`
}

const showCommand = ({ _tag, ...rest }: Command): string => `\n          ! ${_tag} ${brief(rest)}`

/** Plans are shown in a form that can be read: one `partition:owner>next@token` each. */
const brief = (value: object): string =>
  JSON.stringify(value, (key, field: unknown) =>
    key === "plan" && isPlan(field)
      ? showPlan(field)
      : key === "partitions" && Array.isArray(field)
        ? field.length
        : field
  )

const isPlan = (value: unknown): value is Plan.Plan => typeof value === "object" && value !== null && "owner" in value

/** A plan on one line. */
const showPlan = (plan: Plan.Plan): string => {
  const who = (index: number | undefined): string =>
    index === undefined || index < 0 ? "-" : (plan.workers[index]?.session ?? "?")
  const columns = plan.owner.map((owner, place) => {
    const next = plan.next[place]
    return `${place}:${who(owner)}${next === owner ? "" : `>${who(next)}`}@${(plan.token[place] ?? 0) % 1_000_000}`
  })
  const workers = plan.workers.map((worker) => `${worker.id}=${worker.session}${worker.member ? "" : "(out)"}`)
  const marks = `${plan.phase._tag}${plan.recovering ? " recovering" : ""} list=${plan.list.version % 1_000_000}`
  return `e${plan.epoch % 1_000_000} v${plan.version % 1_000_000} by ${plan.leader.session} ${marks} [${workers.join(" ")}] ${columns.join(" ")}`
}

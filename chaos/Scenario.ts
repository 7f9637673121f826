/**
 * One thing that a group must live through, in any size: as a test, or for an hour.
 *
 * @since 0.1.0
 */
import type { NatsConnectError } from "@parti/nats-adapter/NatsError"
import type * as Fleet from "@parti/testkit/Fleet"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import * as FleetJudge from "@parti/testkit/FleetJudge"
import type * as NatsServer from "@parti/testkit/NatsServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Group from "./Group.ts"

/**
 * How large a group is, and how much it has to do. `perSecond`: how many messages are published, over all partitions, for as
 * long as it lasts. `directory`: where the journals are kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sizes {
  readonly workers: number
  readonly partitions: number
  readonly perSecond: number
  readonly handlerMs?: number
  readonly config?: Group.GroupOptions["config"]
  readonly checks?: boolean
  readonly patienceMs?: number
  readonly directory?: string
}

/**
 * What was found besides what the judge finds. `breaches` must be empty; `figures` are for people.
 *
 * @category models
 * @since 0.1.0
 */
export interface Findings {
  readonly breaches?: ReadonlyArray<string>
  readonly figures?: Readonly<Record<string, number | string>>
}

/**
 * Something that is done to a group that is at work. What it has done to processes and to the world it undoes, and it ends
 * when the group is at work again: so acts can follow each other, in any order.
 *
 * @category models
 * @since 0.1.0
 */
export type Act = (group: Group.Group) => Effect.Effect<Findings, Fleet.FleetError | NatsServer.NatsServerError>

/**
 * What came of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Outcome extends Required<Findings> {
  readonly account: FleetJudge.Account
}

/**
 * What can go wrong with a scenario itself; a group that does not recover is a `FleetFailed` that says what it waited for.
 *
 * @category errors
 * @since 0.1.0
 */
export type ScenarioError = Fleet.FleetError | NatsServer.NatsServerError | NatsConnectError

/**
 * A configuration that reacts within seconds, so that a test need not last longer.
 *
 * @category constants
 * @since 0.1.0
 */
export const quick = {
  preset: "development",
  coldStart: "eager",
  coldStartWindowMs: 0,
  plannedWindowMs: 100,
  minRebalanceIntervalMs: 100
} as const

/**
 * Where a group is. `settings`: what single workers are told, by their place.
 *
 * @category models
 * @since 0.1.0
 */
export interface World extends Pick<Group.GroupOptions, "servers" | "replicas" | "storage"> {
  readonly settings?: (index: number) => Parameters<Group.Group["start"]>[1]
}

/**
 * Starts workers and a producer, lets one act after the other happen once all are at work, and waits until all is well
 * again. Then every process that still runs is asked to leave, and must do so in good order.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (
  sizes: Sizes,
  world: World,
  acts: ReadonlyArray<Act>
): Effect.Effect<Outcome, ScenarioError, Scope.Scope> =>
  Effect.gen(function* () {
    const { config = quick, partitions, perSecond, workers, ...rest } = sizes
    const { settings, ...where } = world
    const group = yield* Group.make({ config, partitions, ...rest, ...where })
    const publishing = yield* Effect.forkScoped(group.producer.stream(perSecond))
    yield* Effect.forEach(names(workers), (name, index) => group.start(name, settings?.(index)))
    yield* group.working
    const findings = yield* Effect.forEach(acts, (act) => act(group))
    yield* Fiber.interrupt(publishing)
    return yield* conclude(group, {
      breaches: findings.flatMap(({ breaches = [] }) => breaches),
      figures: Object.assign({}, ...findings.map(({ figures = {} }) => figures))
    })
  })

const conclude = (group: Group.Group, findings: Required<Findings>): Effect.Effect<Outcome, Fleet.FleetError> =>
  Effect.gen(function* () {
    const { fleet, settled } = group
    yield* settled
    yield* fleet.close
    const remaining = group.running()
    yield* Effect.forEach(remaining, ({ terminate }) => terminate, { discard: true })
    const endings = yield* Effect.forEach(remaining, ({ exited, life }) =>
      Effect.map(exited, ({ code, signal }) =>
        code === 0 ? [] : [`${life} was asked to leave and ended with ${code ?? signal}`]
      )
    )
    yield* fleet.finish
    const account = fleet.judge.account(FleetJournal.now())
    const breaches = [...FleetJudge.breaches.all(account), ...findings.breaches, ...endings.flat()]
    return { account, breaches, figures: { ...figuresOf(account), ...findings.figures } }
  })

const names = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => `host-${i + 1}`)

const figuresOf = ({ duplicates, handled, overlaps, runs, staleEffects, unowned }: FleetJudge.Account) => ({
  handled,
  runs,
  "handled again": duplicates.length,
  "stale effects": staleEffects.length,
  "ms at once after a pause": Math.round(overlaps.reduce((sum, { ms }) => sum + ms, 0)),
  ...Object.fromEntries(
    Object.entries(unowned.byCause).map(([cause, { worstMs }]) => [`worst ms unowned: ${cause}`, Math.round(worstMs)])
  )
})

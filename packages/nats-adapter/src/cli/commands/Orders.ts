/**
 * `parti rebalance`, `refresh`, `pause`, `resume`, `drain`, `undrain`: orders to the group.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@parti/core/CoordinationStore"
import type { WorkerUnknown } from "@parti/core/Errors"
import type { GroupObserver } from "@parti/core/GroupObserver"
import { Argument, Command } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Print from "../Print.ts"
import * as StatusReport from "../report/StatusReport.ts"
import { root } from "../Root.ts"
import * as Session from "../Session.ts"
import * as Status from "./Status.ts"

/**
 * An order that the store has accepted: the JSON of the commands that give orders. `isLed`: whether there is a leader to
 * carry it out now.
 *
 * @category models
 * @since 0.1.0
 */
export interface OrderReport {
  readonly group: string
  readonly order: string
  readonly worker: string | null
  readonly isLed: boolean
}

type Given = Effect.Effect<void, StoreUnavailable | WorkerUnknown>

const give = Effect.fnUntraced(function* (
  order: string,
  worker: string | null,
  outcome: string,
  ask: (observer: GroupObserver) => Given
) {
  const settings = yield* root
  const session = yield* Session.open(settings)
  yield* ask(session.observer)
  const status = yield* Status.current(session)
  const told: OrderReport = { group: session.group, order, worker, isLed: isLed(status) }
  yield* Print.report(settings, told, () => [
    `accepted: ${outcome}`,
    ...(told.isLed ? [] : ["no leader is there to see to it; the next one will"])
  ])
}, Effect.scoped)

/** The leader may be between two heartbeats, but not for longer than a lease. */
const isLed = ({ leader, workers }: StatusReport.StatusReport): boolean =>
  leader !== null && workers.some(({ id, standing }) => id === leader.id && standing !== "silent")

const worker = Argument.String("worker").pipe(Argument.withDescription("The worker's id, as `parti status` shows it"))

const rebalance = Command.make("rebalance", {}, () =>
  give("rebalance", null, "the group rebalances now", (observer) => observer.rebalance)
).pipe(Command.withDescription("Rebalance now, without a window"))

const refresh = Command.make("refresh", {}, () =>
  give("refresh", null, "the leader reads its source of partitions now", (observer) => observer.refreshPartitions)
).pipe(Command.withDescription("Read the source of partitions now"))

const pause = Command.make("pause", {}, () =>
  give(
    "pause",
    null,
    "no planned rebalance begins until `parti resume`; crashes are still answered",
    (observer) => observer.pause
  )
).pipe(Command.withDescription("Begin no planned rebalance, for maintenance; crashes are still answered"))

const resume = Command.make("resume", {}, () =>
  give("resume", null, "planned rebalances begin again", (observer) => observer.resume)
).pipe(Command.withDescription("End a pause"))

const drain = Command.make("drain", { worker }, ({ worker: id }) =>
  give("drain", id, `${id} gives its partitions away, and gets none until \`parti undrain ${id}\``, (observer) =>
    observer.drain(id)
  )
).pipe(Command.withDescription("Move a worker's partitions to the others, and give it none"))

const undrain = Command.make("undrain", { worker }, ({ worker: id }) =>
  give("undrain", id, `${id} gets partitions again`, (observer) => observer.undrain(id))
).pipe(Command.withDescription("Take an order to drain back"))

/**
 * The commands.
 *
 * @category commands
 * @since 0.1.0
 */
export const commands = [rebalance, refresh, pause, resume, drain, undrain] as const

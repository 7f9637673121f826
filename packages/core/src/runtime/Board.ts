/**
 * What a worker shows of itself: the newest values, and how they change.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Command } from "../protocol/Command.ts"
import type { WorkerState } from "../protocol/Manager.ts"
import * as Connection from "./Connection.ts"
import type { Turn } from "./EventLoop.ts"
import * as GroupView from "./GroupView.ts"
import * as OwnAssignment from "./OwnAssignment.ts"
import * as Published from "./Published.ts"

/**
 * The values that are shown.
 *
 * @category models
 * @since 0.1.0
 */
export interface Board {
  readonly workerId: Published.Published<WorkerId | null>
  readonly state: Published.Published<WorkerState>
  readonly connection: Published.Published<Connection.Connection>
  readonly isLeader: Published.Published<boolean>
  readonly assignment: Published.Published<OwnAssignment.Assignment>
  readonly plans: Published.Published<GroupView.Plans>
  /** When the own lease ends, on the own clock, as of the last turn of the loop. */
  readonly leaseUntil: () => number | null
  readonly show: (turn: Turn) => Effect.Effect<void>
  /** The worker has ended, however it did: nothing runs here any more, and every stream of changes ends. */
  readonly end: Effect.Effect<void>
}

/**
 * Makes the board of a worker before its start.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Board> = Effect.gen(function* () {
  const workerId = yield* Published.make<WorkerId | null>(null)
  const state = yield* Published.make<WorkerState>("Init")
  const connection = yield* Published.make(Connection.connected)
  const isLeader = yield* Published.make(false)
  const assignment = yield* Published.make(OwnAssignment.none)
  const plans = yield* Published.make(GroupView.noPlans)

  let leaseUntil: number | null = null

  const show = ({ after, before, commands, event }: Turn) => {
    leaseUntil = after.leaseUntil
    // Worked out only when it may have changed: a worker that gives up thousands of partitions is told of each end.
    const isMoved = after.running.length !== before.running.length || commands.some(isMove)
    return Effect.all(
      [
        ...changed(workerId, after.workerId),
        ...after.entered.map((entered) => state.publish(entered)),
        ...changed(connection, Connection.of(after.connection, event, connection.current())),
        ...changed(isLeader, after.isLeader),
        ...(isMoved ? changed(assignment, OwnAssignment.of(after, assignment.current())) : []),
        ...changed(plans, GroupView.observe(plans.current(), after.plan))
      ],
      { discard: true }
    )
  }

  const end = Effect.gen(function* () {
    leaseUntil = null
    yield* workerId.publish(null)
    yield* state.publish("Shutdown")
    yield* isLeader.publish(false)
    yield* assignment.publish(OwnAssignment.none)
    for (const each of [workerId, state, connection, isLeader, assignment, plans]) yield* each.end
  })

  return { workerId, state, connection, isLeader, assignment, plans, leaseUntil: () => leaseUntil, show, end }
})

const isMove = ({ _tag }: Command): boolean => _tag === "StartPartition" || _tag === "StopPartition"

/** Most turns change nothing that is shown, and should cost next to nothing. */
const changed = <A>(published: Published.Published<A>, value: A): ReadonlyArray<Effect.Effect<void>> =>
  value === published.current() ? [] : [published.publish(value)]

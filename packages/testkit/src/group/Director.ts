/**
 * Strikes a simulated group with the blows of its storm.
 *
 * @since 0.1.0
 */
import type { MemoryStore } from "@parti/core/MemoryStore"
import type { PartiService } from "@parti/core/Parti"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as FaultyStore from "../FaultyStore.ts"
import type { Member } from "./Member.ts"
import * as Storm from "./Storm.ts"

/**
 * The group as the director sees it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Troupe<E> {
  readonly members: ReadonlyArray<Member>
  readonly store: MemoryStore
  readonly join: Effect.Effect<Member, E, Scope.Scope>
}

/**
 * Strikes at the right times, and returns when all has been undone: links are joined, processes wake, drains are taken back.
 *
 * @category running
 * @since 0.1.0
 */
export const play = <E>(
  troupe: Troupe<E>,
  blows: ReadonlyArray<Storm.Blow>,
  now: () => number
): Effect.Effect<void, E, Scope.Scope> =>
  Effect.forEach(blows, (blow) => Effect.andThen(Effect.sleep(Math.max(0, blow.at - now())), strike(troupe, blow)), {
    concurrency: "unbounded",
    discard: true
  })

const strike = <E>({ join, members, store }: Troupe<E>, blow: Storm.Blow): Effect.Effect<void, E, Scope.Scope> =>
  Effect.gen(function* () {
    const up = members.filter((member) => member.isUp())
    const target = up[Math.floor(blow.target * up.length)]
    if (blow.kind === "joins") {
      const joined = yield* Effect.replicateEffect(join, blow.count)
      yield* Effect.sleep(blow.forMs)
      return yield* Effect.forEach(
        joined.filter((member) => member.isUp()),
        (member) => member.stop("leave"),
        { concurrency: "unbounded", discard: true }
      )
    }
    if (blow.kind === "wipes") return yield* store.reset(Storm.lost(blow.count))
    if (target === undefined) return
    switch (blow.kind) {
      case "crashes":
        yield* target.crash
        yield* Effect.sleep(blow.forMs)
        yield* join
        return
      case "pauses":
        yield* target.freeze
        yield* Effect.sleep(blow.forMs)
        return yield* target.thaw
      case "restarts":
        yield* target.stop("restart")
        yield* join
        return
      case "drains":
        return yield* drain(target, blow.forMs)
      case "outages":
        return yield* outage(Storm.isForAll(blow.count) ? up : [target], blow)
    }
  })

/** An order to drain may fail, as orders do. That it is taken back is seen to. */
const drain = ({ parti }: Member, forMs: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const workerId = yield* parti.workerId
    if (workerId === null) return
    yield* Effect.ignore(parti.drain(workerId))
    yield* Effect.sleep(forMs)
    yield* undrain(parti, workerId)
  })

const outage = (members: ReadonlyArray<Member>, { forMs, way }: Storm.Blow): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* Effect.forEach(members, ({ link }) => link.outage(way), { discard: true })
    yield* Effect.sleep(forMs)
    yield* Effect.forEach(members, ({ link }) => link.outage(false), { discard: true })
  })

/** Until it is taken, or nothing of the order is left: it may have been lost, or its worker may be gone. */
const undrain = (parti: PartiService, workerId: string): Effect.Effect<void> =>
  Effect.ignore(
    Effect.retry(parti.undrain(workerId), {
      while: ({ _tag }) => _tag === "StoreUnavailable",
      schedule: Schedule.spaced("250 millis")
    })
  )

/**
 * From now on nothing goes wrong on the links; and what a late order to drain has done meanwhile is taken back.
 *
 * @category running
 * @since 0.1.0
 */
export const calm = (
  members: ReadonlyArray<Member>,
  { lateMs, timeoutMs }: FaultyStore.Rates
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    for (const { link } of members) {
      yield* link.setRates({ ...FaultyStore.calm, latencyMs: [0, 5] })
      yield* link.outage(false)
    }
    yield* Effect.forkScoped(Effect.andThen(Effect.sleep(timeoutMs + lateMs[1]), undrainAll(members)))
  })

const undrainAll = (members: ReadonlyArray<Member>): Effect.Effect<void> =>
  Effect.forEach(
    members.filter((member) => member.isUp()),
    ({ parti }) =>
      Effect.flatMap(parti.workerId, (workerId) => (workerId === null ? Effect.void : undrain(parti, workerId))),
    { concurrency: "unbounded", discard: true }
  )

/**
 * Strikes a simulated group with the blows of its storm.
 *
 * @since 0.1.0
 */
import type { MemoryStore } from "@parti/core/MemoryStore"
import * as Effect from "effect/Effect"
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
    if (blow.kind === "wipes") return yield* Effect.forEach(Storm.lost(blow.count), store.reset, { discard: true })
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
        return yield* outage(Storm.isForAll(blow.count) ? up : [target], blow.forMs)
    }
  })

/** An operator's orders may fail, as orders do; they are not repeated. */
const drain = ({ parti }: Member, forMs: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const workerId = yield* parti.workerId
    if (workerId === null) return
    yield* Effect.ignore(parti.drain(workerId))
    yield* Effect.sleep(forMs)
    yield* Effect.ignore(parti.undrain(workerId))
  })

const outage = (members: ReadonlyArray<Member>, forMs: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* Effect.forEach(members, ({ link }) => link.outage(true), { discard: true })
    yield* Effect.sleep(forMs)
    yield* Effect.forEach(members, ({ link }) => link.outage(false), { discard: true })
  })

/**
 * From now on nothing goes wrong on the links.
 *
 * @category running
 * @since 0.1.0
 */
export const calm = (members: ReadonlyArray<Member>): Effect.Effect<void> =>
  Effect.forEach(
    members,
    ({ link }) => Effect.andThen(link.setRates({ ...FaultyStore.calm, latencyMs: [0, 5] }), link.outage(false)),
    { discard: true }
  )

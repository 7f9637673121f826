/**
 * How requests fare on a link.
 *
 * @since 0.1.0
 */
import { StoreUnavailable } from "@parti/core/CoordinationStore"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type Link, pass, type Rates, within } from "./Link.ts"

type Fate = "Served" | "Refused" | "RequestLost" | "ReplyLost" | "Late"

const fateOf = ({ late, refused, replyLost, requestLost }: Rates, draw: number): Fate => {
  if (draw < refused) return "Refused"
  if (draw < refused + requestLost) return "RequestLost"
  if (draw < refused + requestLost + replyLost) return "ReplyLost"
  return draw < refused + requestLost + replyLost + late ? "Late" : "Served"
}

/**
 * Sends a request, which `carryOut` is, over a link.
 *
 * @category operations
 * @since 0.1.0
 */
export const request = <A, E>(
  link: Link,
  operation: "write" | "put" | "remove",
  carryOut: Effect.Effect<A, E>
): Effect.Effect<A, E | StoreUnavailable> =>
  Effect.suspend(() => {
    const { rates } = link
    const fate = fateOf(rates, link.draw())
    // Always as many draws, so that a change of one rate does not reshuffle all that follows.
    const journey: Journey = {
      fate,
      thereMs: within(rates.latencyMs, link.draw()),
      backMs: within(rates.latencyMs, link.draw()),
      lateMs: rates.timeoutMs + within(rates.lateMs, link.draw())
    }
    if (fate !== "Served") link.faults[fate] += 1
    if (fate === "Refused") {
      return Effect.fail(
        new StoreUnavailable({ operation, outcome: "NotApplied", reason: "refused by the test's plan" })
      )
    }
    return Effect.gen(function* () {
      const reply = yield* Deferred.make<A, E>()
      yield* Effect.forkIn(travel(link, journey, carryOut, reply), link.scope, { startImmediately: true })
      return yield* Effect.timeoutOrElse(Deferred.await(reply), {
        duration: rates.timeoutMs,
        orElse: () =>
          Effect.fail(
            new StoreUnavailable({ operation, outcome: "Unknown", reason: `no reply within ${rates.timeoutMs} ms` })
          )
      })
    })
  })

interface Journey {
  readonly fate: Fate
  readonly thereMs: number
  readonly backMs: number
  readonly lateMs: number
}

/** The way of a request and of its reply. It may end anywhere, and then nobody is told. */
const travel = <A, E>(
  link: Link,
  { backMs, fate, lateMs, thereMs }: Journey,
  carryOut: Effect.Effect<A, E>,
  reply: Deferred.Deferred<A, E>
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const isCutOff = (): boolean => {
      if (!link.requestsPass) link.faults.CutOff += 1
      return !link.requestsPass
    }
    yield* pass(fate === "Late" ? lateMs : thereMs)
    if (fate === "RequestLost") return
    // A late request lies at the store already, and waits there.
    if (fate !== "Late" && isCutOff()) return
    const exit = yield* Effect.exit(carryOut)
    if (fate !== "Served") return
    yield* pass(backMs)
    if (!isCutOff()) yield* Deferred.done(reply, exit)
  })

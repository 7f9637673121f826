/**
 * One message, from the first attempt to handle it to the last.
 *
 * @since 0.1.0
 */
import type { JetStreamClient, JsMsg } from "@nats-io/jetstream"
import { headers as makeHeaders, type MsgHdrs } from "@nats-io/transport-node"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as NatsFailure from "../connection/NatsFailure.ts"
import { DeadLetterRefused } from "../ConsumptionError.ts"
import type * as Progress from "./Progress.ts"
import type { Traffic } from "./Traffic.ts"

/**
 * What becomes of a message whose handler fails.
 *
 * **Details**
 *
 * The attempts are made here and not by the server, so that what comes behind the message waits for it. `backoffMs` has the
 * pause after the first failure, the second, …; the last one counts for all that follow. `failures` remembers them for the
 * next run of this process: neither a lost connection nor a refused dead letter gives a message more attempts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Delivery<E, R> {
  readonly client: JetStreamClient
  readonly partition: string
  readonly token: number
  readonly maxDeliver: number
  readonly backoffMs: ReadonlyArray<number>
  readonly failures: Map<number, Progress.Failure>
  readonly deadLetterSubject: ((message: JsMsg) => string) | null
  readonly traffic: Pick<Traffic, "nowMs" | "handled" | "failed" | "givenUp">
  readonly handler: (message: JsMsg) => Effect.Effect<unknown, E, R>
}

/**
 * Handles a message until that succeeds, its attempts are used up, or `stopping` completes. `true`: it is done with.
 *
 * @category operations
 * @since 0.1.0
 */
export const deliver = <E, R>(
  delivery: Delivery<E, R>,
  message: JsMsg,
  sequence: number,
  stopping: Effect.Effect<void>
): Effect.Effect<boolean, DeadLetterRefused, R> => {
  const failure = delivery.failures.get(sequence)
  // A run before this one has failed with it.
  if (failure !== undefined) return again(delivery, message, stopping, failure)
  return attempt(delivery, message, {
    onSuccess: () => succeeded,
    onFailure: (cause) => again(delivery, message, stopping, { count: 1, cause })
  })
}

const succeeded = Effect.succeed(true)

/**
 * One attempt, and what follows it. Few steps, since each message takes them. Who is interrupted has neither succeeded nor
 * failed.
 */
const attempt = <E, R, A, E2, R2>(
  { handler, traffic }: Delivery<E, R>,
  message: JsMsg,
  then: {
    readonly onSuccess: () => Effect.Effect<A>
    readonly onFailure: (cause: Cause.Cause<E>) => Effect.Effect<A, E2, R2>
  }
): Effect.Effect<A, E2, R | R2> => {
  let beganAtMs = 0
  const handling = Effect.suspend(() => {
    beganAtMs = traffic.nowMs()
    return handler(message)
  })
  return Effect.matchCauseEffect(handling, {
    onSuccess: () => {
      traffic.handled(beganAtMs)
      return then.onSuccess()
    },
    onFailure: (cause) => {
      traffic.failed(beganAtMs)
      return then.onFailure(cause)
    }
  })
}

const nothing = Effect.succeed(null)

const again = <E, R>(
  delivery: Delivery<E, R>,
  message: JsMsg,
  stopping: Effect.Effect<void>,
  first: Progress.Failure
): Effect.Effect<boolean, DeadLetterRefused, R> =>
  Effect.gen(function* () {
    const { backoffMs, failures, maxDeliver, partition } = delivery
    for (let failure = first; ;) {
      failures.set(message.seq, failure)
      const { cause, count } = failure
      if (count >= maxDeliver) {
        yield* Effect.logError(`message ${message.seq} of partition ${partition} is given up`, cause)
        yield* bury(delivery, message, failure)
        delivery.traffic.givenUp(delivery.deadLetterSubject !== null)
        return true
      }
      const pauseMs = backoffMs[Math.min(count, backoffMs.length) - 1] ?? 0
      yield* Effect.logWarning(
        `message ${message.seq} of partition ${partition} failed, next try in ${pauseMs} ms`,
        cause
      )
      const isStopped = yield* Effect.timeoutOrElse(Effect.as(stopping, true), {
        duration: pauseMs,
        orElse: () => Effect.succeed(false)
      })
      if (isStopped) return false
      const next = yield* attempt(delivery, message, { onSuccess: () => nothing, onFailure: Effect.succeed })
      if (next === null) return true
      failure = { count: count + 1, cause: next }
    }
  })

const bury = <E, R>(
  { client, deadLetterSubject, partition, token }: Delivery<E, R>,
  message: JsMsg,
  { cause, count }: Progress.Failure
): Effect.Effect<void, DeadLetterRefused> => {
  if (deadLetterSubject === null) return Effect.void
  const subject = deadLetterSubject(message)
  const { stream } = message.info
  const headers = copied(message.headers)
  headers.set("Parti-Stream", stream)
  headers.set("Parti-Subject", message.subject)
  headers.set("Parti-Sequence", String(message.seq))
  headers.set("Parti-Partition", partition)
  headers.set("Parti-Token", String(token))
  headers.set("Parti-Attempts", String(count))
  headers.set("Parti-Error", firstLine(cause))
  // One that is given up twice, because the acknowledgement was lost, is stored once.
  const options = { headers, msgID: `${stream}.${message.seq}.given-up` }
  return NatsFailure.attempt(() => client.publish(subject, message.data, options)).pipe(
    Effect.mapError(
      ({ cause: thrown, message: reason }) => new DeadLetterRefused({ subject, partition, reason, cause: thrown })
    ),
    Effect.asVoid
  )
}

const copied = (headers: MsgHdrs | undefined): MsgHdrs => {
  const copy = makeHeaders()
  for (const [name, values] of headers ?? []) {
    // These tell the server what to do with the message, and it has been done.
    if (name.startsWith("Nats-")) continue
    for (const value of values) copy.append(name, value)
  }
  return copy
}

/** A header takes neither of the two characters that end lines. */
const firstLine = (cause: Cause.Cause<unknown>): string =>
  (Cause.prettyErrors(cause)[0]?.message ?? "failed")
    .split(/[\r\n]/, 1)
    .join("")
    .slice(0, 500)

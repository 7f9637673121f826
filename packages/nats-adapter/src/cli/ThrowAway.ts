/**
 * A group that one run of the command has to itself, and leaves no trace of.
 *
 * @since 0.1.0
 */
import type { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { Flag } from "effect/cli"
import * as NatsFailure from "../connection/NatsFailure.ts"
import * as NatsConnection from "../NatsConnection.ts"
import * as NatsStore from "../NatsStore.ts"
import * as KvBucket from "../store/KvBucket.ts"
import * as Failure from "./Failure.ts"
import * as Session from "./Session.ts"
import type { Settings } from "./Settings.ts"

/**
 * The group: its name, the server it is on, and its store.
 *
 * @category models
 * @since 0.1.0
 */
export interface ThrowAway {
  readonly group: string
  readonly server: Session.Server
  readonly store: CoordinationStore["Service"]
}

/**
 * The flags of commands that make such a group.
 *
 * @category flags
 * @since 0.1.0
 */
export const flags = {
  as: Flag.String("as").pipe(
    Flag.withDescription(
      "The name of the group that is made and removed again, where permissions ask for a certain one"
    ),
    Flag.optional
  ),
  storage: Flag.Literals("storage", ["file", "memory"]).pipe(
    Flag.withDescription("Where its buckets are kept"),
    Flag.withDefault("file")
  ),
  replicas: Flag.Int("replicas").pipe(Flag.withDescription("On how many servers they are kept"), Flag.withDefault(1))
}

/**
 * The flags, as they were given.
 *
 * @category models
 * @since 0.1.0
 */
export interface Chosen {
  readonly as: Option.Option<string>
  readonly storage: "file" | "memory"
  readonly replicas: number
}

/** What JetStream can do. */
const mostReplicas = 5

/**
 * Makes the buckets of a group that is not there yet. They are removed with the scope, however that ends; what uses them must
 * end before.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  settings: Settings,
  purpose: string,
  chosen: Chosen
): Effect.Effect<ThrowAway, Failure.Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const fault = faultOf(chosen)
    if (fault !== null) return yield* new Failure.UsageInvalid({ reason: fault })
    const { replicas, storage } = chosen
    const own = `parti-${purpose}-${process.pid}-${(yield* Clock.currentTimeMillis).toString(36)}`
    const group = Option.getOrElse(chosen.as, () => own)
    const server = yield* Session.connect(settings)
    const streams = (["live", "plan"] as const).map((which) => KvBucket.make(group, which, {}).stream)
    for (const stream of streams) {
      if (yield* exists(server, stream)) return yield* new Failure.UsageInvalid({ reason: taken(group) })
    }
    // Before they are made: an interruption in the middle leaves nothing behind.
    yield* Effect.addFinalizer(() => Effect.forEach(streams, (stream) => remove(server, stream), { discard: true }))
    const timeoutMs = settings.timeout * 1000
    const options = { group, storage, replicas, requestTimeout: timeoutMs, openTimeout: timeoutMs }
    const store = yield* Effect.provideService(NatsStore.make(options), NatsConnection.NatsConnection, server.nats)
    return { group, server, store }
  })

const faultOf = ({ as, replicas }: Chosen): string | null => {
  if (replicas < 1 || replicas > mostReplicas) return `--replicas takes a number from 1 to ${mostReplicas}`
  if (Option.isNone(as) || /^[-\w]+$/.test(as.value)) return null
  return `--as takes letters, digits, - and _, not ${JSON.stringify(as.value)}`
}

const taken = (group: string): string =>
  `there is a group "${group}" already, and what --as names is removed at the end; choose another name`

const exists = ({ manager }: Session.Server, stream: string): Effect.Effect<boolean, Failure.Failure> =>
  NatsFailure.attempt(() => manager.streams.info(stream)).pipe(
    Effect.as(true),
    Effect.catchIf(
      ({ cause }) => NatsFailure.code(cause) === NatsFailure.codes.streamNotFound,
      () => Effect.succeed(false)
    ),
    Effect.mapError((failed) => NatsFailure.permission(failed.cause) ?? KvBucket.unopened(failed))
  )

const remove = ({ manager }: Session.Server, stream: string): Effect.Effect<void> =>
  NatsFailure.attempt(() => manager.streams.delete(stream)).pipe(
    Effect.asVoid,
    Effect.catch(({ cause }) =>
      NatsFailure.code(cause) === NatsFailure.codes.streamNotFound
        ? Effect.void
        : Console.error(Failure.line(`${stream} could not be removed; remove it with \`nats stream rm ${stream}\``))
    )
  )

/**
 * Whether the connection is there at this moment.
 *
 * @since 0.1.0
 */
import type { NatsConnection, Status } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import { NatsConnectionClosed } from "../NatsError.ts"

/**
 * The state of one connection, kept by listening to it.
 *
 * **Details**
 *
 * The library drops what is sent while the connection is away, and lets the sender wait for a time-out. Who asks `isUp`
 * first, and listens to `onDown`, need not wait.
 *
 * **Gotchas**
 *
 * A connection may be lost before this is told: `isUp` says what was true a moment ago.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsLink {
  readonly isUp: () => boolean
  /** Waits for the connection. Fails when it was closed for good. */
  readonly up: Effect.Effect<void, NatsConnectionClosed>
  /** Calls the listener once when the connection is lost; returns how to take that back. */
  readonly onDown: (listener: () => void) => () => void
}

// What `status` returns has a `stop`, which its type does not tell.
interface Statuses extends AsyncIterable<Status> {
  readonly stop?: () => void
}

/**
 * Follows a connection for as long as the scope lasts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const follow = (connection: NatsConnection): Effect.Effect<NatsLink, never, Scope.Scope> =>
  Effect.gen(function* () {
    const passable = Latch.makeUnsafe(true)
    const listeners = new Set<() => void>()
    let state: "Up" | "Down" | "Closed" = connection.isClosed() ? "Closed" : "Up"

    const enter = (next: typeof state): void => {
      if (state === next || state === "Closed") return
      state = next
      // A closed connection lets waiters through, so that they hear of it.
      if (next === "Down") passable.closeUnsafe()
      else passable.openUnsafe()
      if (next === "Up") return
      const called = [...listeners]
      listeners.clear()
      for (const listener of called) listener()
    }

    const statuses: Statuses = yield* Effect.acquireRelease(
      Effect.sync(() => connection.status()),
      (made: Statuses) => Effect.sync(() => made.stop?.())
    )
    yield* Effect.forkScoped(
      Effect.promise(async () => {
        for await (const status of statuses) enter(stateAfter(status) ?? state)
      }),
      { startImmediately: true }
    )
    void connection.closed().then(() => enter("Closed"))

    return {
      isUp: () => state === "Up",
      up: Effect.suspend(() => passable.await).pipe(
        Effect.andThen(Effect.suspend(() => (state === "Closed" ? new NatsConnectionClosed() : Effect.void)))
      ),
      onDown: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      }
    }
  })

const stateAfter = ({ type }: Status): "Up" | "Down" | "Closed" | undefined => {
  if (type === "reconnect") return "Up"
  if (type === "close") return "Closed"
  return type === "disconnect" || type === "staleConnection" || type === "forceReconnect" ? "Down" : undefined
}

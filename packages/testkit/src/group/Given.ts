/**
 * What the handlers of a simulated group are given beside their partition.
 *
 * @since 0.1.0
 */
import type { PartitionContext } from "@parti/core/Parti"
import type { HandlerContext } from "@parti/core/Worker"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Latch from "effect/Latch"
import type { Run } from "./Ledger.ts"
import type { Work } from "./Work.ts"

/**
 * A message of the partition's log: they are numbered from 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface Message {
  readonly offset: number
}

/**
 * The partition's log and the sink, for handlers written in Effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface EffectTools {
  /** The next message after what this run took; the first is the one after the last that was acknowledged. */
  readonly take: Effect.Effect<Message>
  /** Goes on from that message. */
  readonly seek: (offset: number) => Effect.Effect<void>
  /** Writes the result for a message, under the token of this run. Whether the sink took it. */
  readonly write: (message: Message) => Effect.Effect<boolean>
  /** The next owner need not see this message, nor those before it. Whether that was taken. */
  readonly ack: (message: Message) => Effect.Effect<boolean>
}

/**
 * The same for handlers that return promises, and a way to wait: other timers know nothing of the simulated time.
 *
 * @category models
 * @since 0.1.0
 */
export interface PromiseTools {
  /** The next message, or `null` once the signal was given. */
  readonly take: () => Promise<Message | null>
  readonly seek: (offset: number) => Promise<void>
  readonly write: (message: Message) => Promise<boolean>
  readonly ack: (message: Message) => Promise<boolean>
  readonly sleep: (ms: number) => Promise<void>
}

/**
 * What an Effect handler is given.
 *
 * @category models
 * @since 0.1.0
 */
export type EffectContext = PartitionContext & EffectTools

/**
 * What a promise handler is given.
 *
 * @category models
 * @since 0.1.0
 */
export type PromiseContext = HandlerContext & PromiseTools

/**
 * The process a handler runs in. `awake` is closed while it stands still; `mourners` are called when it is killed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Host {
  readonly awake: Latch.Latch
  readonly killed: Deferred.Deferred<void>
  readonly mourners: Set<() => void>
}

// Ends what a dead process still waits for; nobody hears of it.
const crashed = Effect.interrupt

/** Does something in a process, as soon as it runs. */
const within = <A>(host: Host, act: () => A): Effect.Effect<A> =>
  Effect.andThen(
    host.awake.await,
    Effect.suspend(() => (Deferred.isDoneUnsafe(host.killed) ? crashed : Effect.sync(act)))
  )

const waiting = <A>(host: Host, wait: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.raceFirst(wait, Effect.andThen(Deferred.await(host.killed), crashed)).pipe(
    Effect.flatMap((value) => within(host, () => value))
  )

/**
 * The log and the sink as one run sees them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const effectTools = (work: Work, host: Host, run: Run): EffectTools => {
  let position = work.committed(run.partition) + 1
  const come = Effect.suspend(() => {
    const ms = work.waitMs(position)
    return Number.isFinite(ms) ? Effect.sleep(ms) : Effect.never
  })
  return {
    take: Effect.map(waiting(host, come), () => ({ offset: position++ })),
    seek: (offset) =>
      within(host, () => {
        position = offset
      }),
    write: ({ offset }) => within(host, () => work.write(run, offset)),
    ack: ({ offset }) => within(host, () => work.acknowledge(run, offset))
  }
}

/**
 * The same for promises. `start` runs an effect under the clock of the process. What a process that was killed still waits
 * for never settles, as nothing of a dead process ever does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const promiseTools = (
  tools: EffectTools,
  host: Host,
  revoked: Effect.Effect<unknown>,
  start: <A>(effect: Effect.Effect<A>) => Promise<A>
): PromiseTools => ({
  take: () => start(Effect.raceFirst(tools.take, Effect.as(revoked, null))),
  seek: (offset) => start(tools.seek(offset)),
  write: (message) => start(tools.write(message)),
  ack: (message) => start(tools.ack(message)),
  sleep: (ms) => start(waiting(host, Effect.sleep(ms)))
})

/** What the tests of this package share: a client of a group, and a reader that remembers. */
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream"
import type { Bucket, CoordinationStore, WatchEvent } from "@parti/core/CoordinationStore"
import { Deferred, Effect, type Scope, Stream } from "effect"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import type { NatsConnectError } from "@parti/nats-adapter/NatsError"
import * as NatsStore from "@parti/nats-adapter/NatsStore"

export type Store = CoordinationStore["Service"]

export interface Client {
  readonly store: Store
  readonly connection: NatsConnection.NatsConnection["Service"]
  readonly manager: JetStreamManager
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const connect = (
  options: NatsConnection.NatsConnectionOptions,
  store: NatsStore.NatsStoreOptions
): Effect.Effect<Client, NatsConnectError | NatsStore.NatsStoreError, Scope.Scope> =>
  Effect.gen(function* () {
    const connection = yield* NatsConnection.make(options)
    const made = yield* Effect.provideService(NatsStore.make(store), NatsConnection.NatsConnection, connection)
    const manager = yield* Effect.promise(() => jetstreamManager(connection.connection, { checkAPI: false }))
    return { store: made, connection, manager }
  })

export interface Reader {
  readonly events: ReadonlyArray<WatchEvent>
  /** The values as the events leave them. */
  readonly view: ReadonlyMap<string, string>
  readonly incarnations: ReadonlyArray<string>
  readonly until: (predicate: () => boolean) => Effect.Effect<void>
  readonly untilShown: (key: string, value: string | undefined) => Effect.Effect<void>
}

/** Follows patterns for as long as the scope lasts; returns when the first listing is complete. */
export const follow = (
  store: Store,
  bucket: Bucket,
  patterns: ReadonlyArray<string>
): Effect.Effect<Reader, never, Scope.Scope> =>
  Effect.gen(function* () {
    const events: Array<WatchEvent> = []
    const view = new Map<string, string>()
    const incarnations: Array<string> = []
    const waiting = new Set<() => void>()
    const take = (event: WatchEvent): void => {
      events.push(event)
      if (event._tag === "Opened") incarnations.push(event.incarnation)
      if (event._tag === "Entry" && event.value === null) view.delete(event.key)
      if (event._tag === "Entry" && event.value !== null) view.set(event.key, new TextDecoder().decode(event.value))
      for (const check of waiting) check()
    }
    yield* store.watch(bucket, patterns).pipe(
      Stream.runForEach((event) => Effect.sync(() => take(event))),
      Effect.orDie,
      Effect.forkScoped({ startImmediately: true })
    )
    const until = (predicate: () => boolean): Effect.Effect<void> =>
      Effect.suspend(() => {
        const done = Deferred.makeUnsafe<void>()
        const check = (): void => {
          if (!predicate()) return
          waiting.delete(check)
          Deferred.doneUnsafe(done, Effect.void)
        }
        waiting.add(check)
        check()
        return Deferred.await(done)
      })
    yield* until(() => events.some(({ _tag }) => _tag === "Synced"))
    return { events, view, incarnations, until, untilShown: (key, value) => until(() => view.get(key) === value) }
  })

/** Every key's revisions rise within one listing and what follows it, and nothing is shown twice. */
export const disorder = (events: ReadonlyArray<WatchEvent>): ReadonlyArray<string> => {
  const found: Array<string> = []
  let seen = new Map<string, number>()
  for (const event of events) {
    if (event._tag === "Opened") seen = new Map()
    if (event._tag !== "Entry" || event.revision === 0) continue
    const last = seen.get(event.key) ?? 0
    if (event.revision <= last) found.push(`${event.key}: ${event.revision} after ${last}`)
    seen.set(event.key, event.revision)
  }
  return found
}

/**
 * The end of a process that is known to be dead: its partitions need not wait for its lease.
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Key from "../model/Key.ts"
import * as RecordCodec from "../model/RecordCodec.ts"
import type { Revision } from "../model/Revision.ts"
import {
  CoordinationStore,
  type StoreMisconfigured,
  type StoreUnavailable,
  type WatchEvent
} from "./CoordinationStore.ts"

/**
 * The environment variable by which a guardian names the process that it starts.
 *
 * @category constants
 * @since 0.1.0
 */
export const variable = "PARTI_GUARD"

/**
 * What the sessions of one guarded process begin with. The process's own number is a part of it: whoever inherits the
 * environment from that process, and may outlive it, has other sessions.
 *
 * **Example**
 *
 * ```ts
 * import { DeadProcess } from "@parti/core"
 * import { spawn } from "node:child_process"
 *
 * const guard = "guard-1"
 * const child = spawn("node", ["worker.js"], { env: { ...process.env, [DeadProcess.variable]: guard } })
 * child.once("exit", () => {
 *   const evict = DeadProcess.evict(DeadProcess.sessionPrefix(guard, child.pid ?? 0))
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const sessionPrefix = (guard: string, pid: number): string => `${guard}.${pid}.`

/**
 * The name of this process in its sessions. Two workers must never share a session, so it is not drawn from a generator
 * that somebody may have seeded.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ownName = (): string => {
  const own = globalThis.crypto.randomUUID()
  const guard = process.env[variable] ?? ""
  return isGuard.test(guard) ? `${sessionPrefix(guard, process.pid)}${own}` : own
}

// As guardians draw them. Whatever else is found there was not put there by one.
const isGuard = /^[\w-]{1,36}$/

/**
 * Evicts every session of a dead process, and gives back its office if it led. Returns how many sessions that were.
 *
 * **Details**
 *
 * Each eviction is a compare-and-set on the record as the watch shows it, as a leader's is; what the process had sent
 * before it died lands before it, and is seen, or after it, and is refused. An attempt that fails is made again; whoever
 * calls this limits how long. A claim that lands when this has ended is evicted by the leader in its own time.
 *
 * **Gotchas**
 *
 * Only for a process that cannot run any more: one whose exit its parent has been told by the operating system. Silence,
 * or a lost connection, is no such proof.
 *
 * @category operations
 * @since 0.1.0
 */
export const evict = (
  prefix: string
): Effect.Effect<number, StoreUnavailable | StoreMisconfigured, CoordinationStore> =>
  Effect.gen(function* () {
    const store = yield* CoordinationStore
    const shown = new Map<string, LastWord>()
    const synced = yield* Deferred.make<void>()
    const watching = store.watch("live", ["worker.>", Key.leader]).pipe(
      Stream.runForEach((event) => {
        if (event._tag === "Synced") return Deferred.succeed(synced, undefined)
        return Effect.sync(() => observe(shown, prefix, event))
      }),
      Effect.andThen(Effect.never)
    )
    const writing = Effect.andThen(Deferred.await(synced), writeAll(store, shown))
    return yield* Effect.raceFirst(writing, watching)
  })

/** What is to be written over a record of the dead process, at the revision that the watch shows. */
interface LastWord {
  readonly revision: Revision
  readonly value: Uint8Array
}

const observe = (
  shown: Map<string, LastWord>,
  prefix: string,
  event: Exclude<WatchEvent, { readonly _tag: "Synced" }>
): void => {
  if (event._tag === "Opened") return shown.clear()
  const value = event.value === null ? null : lastWord(prefix, event.key, event.value)
  if (value === null) shown.delete(event.key)
  else shown.set(event.key, { revision: event.revision, value })
}

/** `null` for what is not of the dead process, or has ended already. */
const lastWord = (prefix: string, key: string, bytes: Uint8Array): Uint8Array | null => {
  if (key === Key.leader) {
    const leader = Result.getOrNull(RecordCodec.decodeLeader(bytes))
    const isOwed = leader?.state === "live" && leader.session.startsWith(prefix)
    return isOwed ? RecordCodec.encodeLeader({ ...leader, state: "released" }) : null
  }
  const worker = Result.getOrNull(RecordCodec.decodeWorker(bytes))
  const isOwed = (worker?.state === "live" || worker?.state === "fenced") && worker.session.startsWith(prefix)
  return isOwed ? RecordCodec.encodeWorker({ ...worker, state: "evicted" }) : null
}

// A round that has failed is tried again after this: the watch may have to show what has overtaken it.
const roundEvery = "20 millis"

const writeAll = (store: CoordinationStore["Service"], shown: Map<string, LastWord>): Effect.Effect<number> =>
  Effect.gen(function* () {
    const evicted = new Set<string>()
    for (;;) {
      // The workers first: the office is of use only to one who finds them ended.
      const keys = [...shown.keys()].sort((left, right) => Number(left === Key.leader) - Number(right === Key.leader))
      for (const key of keys) {
        const word = shown.get(key)
        if (word === undefined) continue
        const result = yield* Effect.result(store.write("live", key, word.value, { expected: word.revision }))
        if (result._tag === "Failure") continue
        if (shown.get(key) === word) shown.delete(key)
        if (key !== Key.leader) evicted.add(key)
      }
      if (shown.size === 0) return evicted.size
      yield* Effect.sleep(roundEvery)
    }
  })

import { assert } from "@effect/vitest"
import { Clock, Deferred, type Duration, Effect, Exit, Latch, Random, Result, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { setImmediate as immediate } from "node:timers/promises"
import type { PartitionId, PartitionInput } from "../../src/model/Partition.ts"
import * as PlanCodec from "../../src/model/PlanCodec.ts"
import * as Manager from "../../src/protocol/Manager.ts"
import * as Compression from "../../src/runtime/Compression.ts"
import { CoordinationStore } from "../../src/runtime/CoordinationStore.ts"
import type { Problem } from "../../src/runtime/Errors.ts"
import { EventLoopDelay } from "../../src/runtime/EventLoopDelay.ts"
import * as MemoryStore from "../../src/runtime/MemoryStore.ts"
import type { AssignmentChange } from "../../src/runtime/OwnAssignment.ts"
import * as PartitionSource from "../../src/runtime/PartitionSource.ts"
import * as Parti from "../../src/runtime/Parti.ts"
import * as PartiService from "../../src/runtime/PartiService.ts"
import type * as Worker from "../../src/runtime/Worker.ts"

/** Who ran a partition, from when to when, by the one clock of the test. `to` is infinite while it runs. */
export interface Interval {
  readonly process: string
  readonly partition: PartitionId
  readonly token: number
  readonly from: number
  to: number
}

/** A write, whether or not the store has accepted it; of a plan, what it said. */
interface Written {
  readonly at: number
  readonly process: string
  readonly bucket: string
  readonly key: string
  readonly isAccepted: boolean
  readonly head: PlanCodec.PlanHead | null
}

/** How a worker is connected to the store. */
interface Link {
  /** No request arrives, and no news comes back, until it is `healed`. */
  readonly cut: Effect.Effect<void>
  /** Requests arrive and are carried out, and nobody hears of it; the watches go on. */
  readonly loseReplies: Effect.Effect<void>
  /** No request arrives, and the watches go on. */
  readonly mute: Effect.Effect<void>
  /** Requests are carried out and answered, and the watches show nothing; what they missed comes when it is `healed`. */
  readonly deafen: Effect.Effect<void>
  readonly heal: Effect.Effect<void>
  /** The process stands still: no timer fires, no news comes, and what it has sent arrives when it is `thawed`. */
  readonly freeze: Effect.Effect<void>
  readonly thaw: Effect.Effect<void>
}

/** One worker, and all that it was seen to do. */
export interface Member {
  readonly process: string
  readonly worker: Worker.Worker
  readonly parti: PartiService.PartiService
  readonly states: Array<readonly [at: number, state: Manager.WorkerState]>
  readonly changes: Array<AssignmentChange>
  readonly problems: Array<Problem>
  readonly link: Link
  /** Ends it as SIGKILL does: nothing is released. */
  readonly crash: Effect.Effect<void>
}

export interface GroupOptions extends Omit<Parti.PartiOptions, "group" | "hooks"> {
  /** How long a handler takes to end. */
  readonly endsAfterMs?: number
  /** How long the event loop was held up since this was last asked. */
  readonly delayMs?: () => number
}

export const partitions = (count: number): ReadonlyArray<PartitionInput> =>
  Array.from({ length: count }, (_, i) => ({ keys: [`p${i}`] }))

/** A source that is only read when somebody asks for it, and counts how often that was. */
export const countedSource = (list: () => ReadonlyArray<PartitionInput>) => {
  let count = 0
  const read = Effect.sync(() => {
    count += 1
    return list()
  })
  return { source: PartitionSource.fromEffect(read, { every: "1 day" }), count: () => count }
}

/** Whatever is drawn follows from this; a failure says so. */
const seed = Number(process.env["PARTI_SEED"] ?? 20_261_123)
const replay = `(replay with PARTI_SEED=${seed})`

/** A year like any other, so that versions are what they are in real life. */
const epochMs = 1_700_000_000_000

/**
 * Lets time pass. What has been set going is given its turns before that: the test's clock waits only for what it has
 * woken itself.
 */
export const pass = (duration: Duration.Input): Effect.Effect<void> =>
  Effect.andThen(settle, Effect.andThen(TestClock.adjust(duration), settle))

const settle = Effect.promise(async () => {
  for (let turn = 0; turn < 50; turn++) await immediate()
})

const headOf = (key: string, value: Uint8Array): PlanCodec.PlanHead | null => {
  if (key !== "plan") return null
  const decoded = PlanCodec.decode(value, Compression.zlib)
  return Result.isSuccess(decoded) && decoded.success._tag === "Head" ? decoded.success.head : null
}

/** Several workers in one process on one store, under the test's clock. Times are milliseconds since it was made. */
export const make = (common: GroupOptions = {}) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(epochMs)
    const store = yield* MemoryStore.make()
    const intervals: Array<Interval> = []
    const written: Array<Written> = []
    const members: Array<Member> = []
    const illegal: Array<string> = []
    const scope = yield* Effect.scope
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => assert.deepStrictEqual(illegal, [], `every change of state is a legal one ${replay}`))
    )
    // The last to be run: by then everybody has ended, and what they had open is being closed.
    yield* Effect.addFinalizer(() =>
      Effect.map(Effect.andThen(settle, store.watchCount), (count) =>
        assert.strictEqual(count, 0, `no watch is left ${replay}`)
      )
    )
    const now = Effect.map(Clock.currentTimeMillis, (wall) => wall - epochMs)

    const storeOf = (process: string) =>
      Effect.gen(function* () {
        const arrives = yield* Latch.make(true)
        const answers = yield* Latch.make(true)
        const hears = yield* Latch.make(true)
        const awake = yield* Latch.make(true)
        const clock = yield* Clock.Clock
        const request = <A, E>(bucket: string, key: string, value: Uint8Array, write: Effect.Effect<A, E>) =>
          arrives.isOpen()
            ? Effect.onExit(write, (exit) =>
                Effect.map(now, (at) => {
                  written.push({ at, process, bucket, key, isAccepted: Exit.isSuccess(exit), head: headOf(key, value) })
                })
              ).pipe(Effect.exit, Effect.tap(answers.isOpen() ? Effect.void : Effect.never), Effect.flatten)
            : // What does not arrive is lost: it is not carried out later either.
              Effect.never
        const service: (typeof CoordinationStore)["Service"] = {
          write: (bucket, key, value, options) =>
            Effect.andThen(
              awake.await,
              Effect.suspend(() => request(bucket, key, value, store.write(bucket, key, value, options)))
            ),
          put: (bucket, key, value) => Effect.suspend(() => request(bucket, key, value, store.put(bucket, key, value))),
          remove: store.remove,
          watch: (bucket, patterns) =>
            Stream.tap(store.watch(bucket, patterns), () => Effect.andThen(hears.await, awake.await))
        }
        const ownClock: Clock.Clock = {
          currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
          currentTimeMillis: clock.currentTimeMillis,
          currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
          currentTimeNanos: clock.currentTimeNanos,
          monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
          monotonicTimeNanos: clock.monotonicTimeNanos,
          sleep: (duration) => Effect.andThen(clock.sleep(duration), awake.await)
        }
        const link: Link = {
          cut: Effect.asVoid(Effect.andThen(arrives.close, hears.close)),
          loseReplies: Effect.asVoid(answers.close),
          mute: Effect.asVoid(arrives.close),
          deafen: Effect.asVoid(hears.close),
          heal: Effect.asVoid(Effect.all([arrives.open, answers.open, hears.open])),
          freeze: Effect.asVoid(awake.close),
          thaw: Effect.asVoid(awake.open)
        }
        return { service, link, ownClock }
      })

    const record =
      (process: string, takesTime: Effect.Effect<unknown>) =>
      ({ id, token }: { readonly id: PartitionId; readonly token: number }) =>
        Effect.acquireRelease(
          Effect.map(now, (from): Interval => {
            const interval = { process, partition: id, token, from, to: Number.POSITIVE_INFINITY }
            intervals.push(interval)
            return interval
          }),
          (interval) =>
            Effect.andThen(takesTime, now).pipe(
              Effect.map((to) => {
                interval.to = to
              })
            )
        )

    /** Begins to start a worker; what becomes of it the clock will show. */
    const join = (process: string, special: GroupOptions = {}) =>
      Effect.gen(function* () {
        const {
          delayMs = () => 0,
          endsAfterMs = 0,
          ...options
        } = {
          ...common,
          ...special,
          config: { ...common.config, ...special.config }
        }
        const states: Member["states"] = []
        const changes: Member["changes"] = []
        const problems: Member["problems"] = []
        const { link, ownClock, service } = yield* storeOf(process)
        const worker = yield* Parti.begin({
          group: "test",
          ...options,
          hooks: {
            onStateChanged: ({ from, to }) =>
              Effect.map(now, (at) => {
                states.push([at, to])
                if (!Manager.isValidTransition(from, to)) illegal.push(`${process} from ${from} to ${to} at ${at}`)
              }),
            onAssignmentChanged: (change) => Effect.sync(() => void changes.push(change)),
            onError: (problem) => Effect.sync(() => void problems.push(problem))
          }
        }).pipe(
          Effect.provideService(CoordinationStore, service),
          Effect.provideService(EventLoopDelay, Effect.succeed({ read: delayMs })),
          Effect.provideService(Clock.Clock, ownClock),
          Random.withSeed(`${seed} ${members.length}`),
          Effect.orDie
        )
        const own = yield* Scope.fork(scope)
        const killed = yield* Deferred.make<void>()
        const takesTime = endsAfterMs === 0 ? Effect.void : Effect.timeoutOption(Deferred.await(killed), endsAfterMs)
        yield* Scope.provide(worker.register(record(process, takesTime)), own)
        // A test that ends must not wait for what is left of the group.
        yield* Scope.addFinalizer(own, Effect.andThen(Deferred.succeed(killed, undefined), worker.crash))
        const crash = Scope.close(own, Exit.void)
        const parti = PartiService.of(worker)
        const member: Member = { process, worker, parti, states, changes, problems, link, crash }
        members.push(member)
        return member
      })

    const joinAll = (...processes: ReadonlyArray<string>) => Effect.forEach(processes, (process) => join(process))

    /** Who runs what now, by process. */
    const running = (): Readonly<Record<string, ReadonlyArray<PartitionId>>> => {
      const all: Record<string, Array<PartitionId>> = {}
      for (const { partition, process, to } of intervals) {
        if (to === Number.POSITIVE_INFINITY) (all[process] ??= []).push(partition)
      }
      return all
    }

    const leader = () => {
      const leaders = members.filter(({ worker }) => worker.board.isLeader.current())
      assert.lengthOf(leaders, 1, `one leads, not ${leaders.map(({ process }) => process).join()}`)
      return leaders[0] ?? assert.fail("one leads")
    }

    const member = (process: string) => members.find((one) => one.process === process) ?? assert.fail(`no ${process}`)

    const followers = () => members.filter(({ worker }) => !worker.board.isLeader.current())

    return { store, intervals, written, members, now, join, joinAll, running, leader, member, followers }
  })

/** A group whose cold start is over: everything is handed out, and the cooldown has passed. */
export const settled = (processes: ReadonlyArray<string>, common: GroupOptions = {}) =>
  Effect.gen(function* () {
    const group = yield* make(common)
    yield* group.joinAll(...processes)
    yield* pass("60 seconds")
    assertBalanced(group, common.partitions === undefined ? 0 : sizeOf(common.partitions), processes)
    return group
  })

const sizeOf = (source: NonNullable<GroupOptions["partitions"]>): number =>
  "read" in source ? assert.fail("settled counts lists only") : source.length

export type Group = Effect.Success<ReturnType<typeof make>>

const byPartition = (intervals: ReadonlyArray<Interval>): ReadonlyArray<ReadonlyArray<Interval>> => {
  const groups = Map.groupBy(intervals, ({ partition }) => partition)
  return [...groups.values()].map((one) => one.toSorted((a, b) => a.from - b.from || a.to - b.to))
}

const show = ({ from, partition, process, to, token }: Interval) => `${partition} ${process}@${token} ${from}–${to}`

/** No partition is run by two at one instant, and a new owner's token is higher than the one before. */
export const assertExclusive = (intervals: ReadonlyArray<Interval>): void => {
  for (const tenures of byPartition(intervals)) {
    tenures.forEach((after, i) => {
      const before = tenures[i - 1]
      if (before === undefined) return
      assert.isAtMost(before.to, after.from, `S1: ${show(before)} and ${show(after)} ${replay}`)
      const isSameOwner = before.process === after.process
      assert.isTrue(isSameOwner || after.token > before.token, `S2: ${show(before)} and ${show(after)} ${replay}`)
    })
  }
}

/** Everything is run by exactly one now, and nobody has more than one more than another. */
export const assertBalanced = (group: Group, total: number, processes: ReadonlyArray<string>): void => {
  const running = group.running()
  assert.sameMembers(Object.keys(running), [...processes], `each of them runs something ${replay}`)
  const counts = Object.values(running).map((each) => each.length)
  assert.strictEqual(new Set(Object.values(running).flat()).size, total, `each partition has an owner ${replay}`)
  assert.strictEqual(
    counts.reduce((sum, count) => sum + count, 0),
    total,
    `no partition has two ${replay}`
  )
  assert.isAtMost(Math.max(...counts) - Math.min(...counts), 1, `balanced, not ${counts.join()} ${replay}`)
}

/** What changed hands between two instants: the partitions that ended at one process and then began at another. */
export const moved = (
  intervals: ReadonlyArray<Interval>,
  since: number
): ReadonlyArray<readonly [Interval, Interval]> =>
  byPartition(intervals).flatMap((tenures) =>
    tenures.flatMap((after, i) => {
      const before = tenures[i - 1]
      return before !== undefined && after.from >= since && before.process !== after.process
        ? [[before, after] as const]
        : []
    })
  )

/**
 * A group of worker processes on a real server, with a producer of numbered messages, a sink for their effects, and a judge.
 *
 * @since 0.1.0
 */
import { type JetStreamManager, jetstreamManager, StorageType } from "@nats-io/jetstream"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import type { NatsConnectError } from "@parti/nats-adapter/NatsError"
import * as Fleet from "@parti/testkit/Fleet"
import type * as FleetJournal from "@parti/testkit/FleetJournal"
import * as FleetSink from "@parti/testkit/FleetSink"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Producer from "./Producer.ts"
import * as WorkerSettings from "./WorkerSettings.ts"

/**
 * What a group is to be like.
 *
 * - `servers`: where the stream is made and the producer publishes; the workers use them too, if they are told no others.
 * - `directory`: where the journals are kept; otherwise they are removed. `storage`: of the group's buckets; the stream is kept in files. `checks`: whether the sink refuses stale tokens.
 * - `keep`: how many messages the stream keeps of each partition; otherwise all. `script`: what processes run, if not the one worker; `execArgv`: with more arguments of Node's.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupOptions {
  readonly servers: ReadonlyArray<string>
  readonly partitions: number
  readonly config: WorkerSettings.WorkerSettings["config"]
  readonly name?: string
  readonly handlerMs?: number
  readonly replicas?: 1 | 3
  readonly storage?: "file" | "memory"
  readonly checks?: boolean
  readonly patienceMs?: number
  readonly directory?: string
  readonly keep?: number
  readonly script?: URL
  readonly execArgv?: ReadonlyArray<string>
}

/**
 * The streams of a group: the one with its messages, and those of its buckets.
 *
 * @category models
 * @since 0.1.0
 */
export interface StreamNames {
  readonly messages: string
  readonly live: string
  readonly plan: string
}

/**
 * A group without workers yet.
 *
 * - `start`: starts a worker process, and waits for nothing. `how`: by another command, or with more variables.
 * - `manager`: to look at, and to harm, what the group has on the server.
 * - `running`: the processes that run, in the order of their starts. `working`: waits until all that run are ready and have partitions, and every partition is run.
 * - `settled`: waits until every partition is run and every message handled.
 * - `progress`: waits until all are at work, and a message that is published from now on has been handled in each partition.
 * - `during`: for as long as something is done to the world, the journal says so.
 * - `leader`, `workerId`: the process whose worker leads, and the id that a process's worker bears, by the newest word of each.
 *
 * @category models
 * @since 0.1.0
 */
export interface Group {
  readonly partitions: number
  readonly fleet: Fleet.Fleet
  readonly sink: FleetSink.FleetSink
  readonly producer: Producer.Producer
  readonly manager: JetStreamManager
  readonly names: StreamNames
  readonly start: (
    name: string,
    settings?: Partial<WorkerSettings.WorkerSettings>,
    how?: Pick<Fleet.FleetOptions, "wrapper" | "env">
  ) => Effect.Effect<Fleet.FleetProcess, Fleet.FleetFailed>
  readonly running: () => ReadonlyArray<Fleet.FleetProcess>
  readonly working: Effect.Effect<void, Fleet.FleetError>
  readonly settled: Effect.Effect<void, Fleet.FleetError>
  readonly progress: Effect.Effect<void, Fleet.FleetError>
  readonly leader: () => Fleet.FleetProcess | null
  readonly workerId: (process: Fleet.FleetProcess) => string | null
  readonly during: <A, E, R>(fault: string, body: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/**
 * Makes the stream and what belongs to it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: GroupOptions): Effect.Effect<Group, NatsConnectError, Scope.Scope> =>
  Effect.gen(function* () {
    const { config, handlerMs = 0, name = "chaos", partitions, replicas = 1, servers, storage = "file" } = options
    const nats = yield* NatsConnection.make({ servers, name: "producer" })
    const manager = yield* Effect.promise(() => jetstreamManager(nats.connection))
    const names: StreamNames = { messages: name, live: `KV_${name}-live`, plan: `KV_${name}-plan` }
    yield* Effect.acquireRelease(
      Effect.promise(() =>
        manager.streams.add({
          name,
          subjects: [WorkerSettings.subjectOf(name, "*")],
          storage: StorageType.File,
          num_replicas: replicas,
          // A partition that moves has two for a moment.
          max_consumers: 2 * partitions,
          ...(options.keep === undefined ? {} : { max_msgs_per_subject: options.keep })
        })
      ),
      // The server may be somebody's, and outlive this group; or it has gone already.
      () => Effect.forEach(Object.values(names), (each: string) => remove(manager, each), { discard: true })
    )
    const fleet = yield* Fleet.make({
      script: fileURLToPath(options.script ?? new URL("worker/main.ts", import.meta.url)),
      execArgv: ["--conditions=@parti/source", ...(options.execArgv ?? [])],
      // Half of what a start takes is to compile what the process before has compiled.
      env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("../.cache/node", import.meta.url)) },
      partitions: WorkerSettings.partitionIds(partitions),
      ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
      ...(options.directory === undefined ? {} : { directory: options.directory })
    })
    const { journal } = fleet
    const sink = yield* FleetSink.make({ journal, checks: options.checks ?? true })
    const settings: WorkerSettings.WorkerSettings = {
      servers,
      group: name,
      stream: name,
      partitions,
      config,
      buckets: { replicas, storage },
      handlerMs,
      heedsSignal: true,
      sinkPort: sink.port,
      workers: 1
    }
    const producer = Producer.make(nats, { stream: name, partitions, journal })
    return {
      partitions,
      fleet,
      sink,
      manager,
      names,
      producer,
      start: (process, own, how) => fleet.start(process, [JSON.stringify({ ...settings, ...own })], how),
      leader: () => leaderOf(fleet),
      workerId: ({ life }) => newest(fleet, life, "StateChanged")?.entry.worker ?? null,
      ...waits(fleet, producer, partitions),
      during: (fault, body) =>
        Effect.acquireUseRelease(
          Effect.sync(() => journal.write({ _tag: "FaultBegan", fault })),
          () => body,
          () => Effect.sync(() => journal.write({ _tag: "FaultEnded", fault }))
        )
    }
  })

/** Who runs, and the waits for all being well: each a little more than the one before. */
const waits = (
  fleet: Fleet.Fleet,
  producer: Producer.Producer,
  partitions: number
): Pick<Group, "running" | "working" | "settled" | "progress"> => {
  const { judge, until } = fleet
  const running = () => fleet.processes().filter(({ isRunning }) => isRunning())
  const isWorking = (): boolean =>
    judge.running() === partitions && running().every(({ life }) => judge.running(life) > 0)
  const isSettled = (): boolean => {
    const { handled, published } = judge.progress()
    return handled >= published && judge.running() === partitions
  }
  const working = Effect.suspend(() =>
    Effect.andThen(
      Effect.forEach(running(), ({ ready }) => ready, { concurrency: "unbounded", discard: true }),
      until("every worker has partitions, and every partition a worker", isWorking)
    )
  )
  /** Patience is for a group that stands still: as long as one more message is handled, it begins anew. They end some time. */
  const handled = (what: string, isDone: () => boolean): Effect.Effect<void, Fleet.FleetError> =>
    Effect.suspend(() => {
      const before = judge.progress().handled
      return until(what, () => isDone() || judge.progress().handled > before)
    }).pipe(Effect.repeat({ until: isDone }), Effect.asVoid)
  const progress = Effect.gen(function* () {
    yield* producer.publish(1)
    yield* fleet.refresh
    const { published } = judge.progress()
    yield* working
    yield* handled("messages are handled again", () => judge.progress().handled >= published)
  })
  return { running, working, settled: handled("all partitions are run, and all messages handled", isSettled), progress }
}

const remove = (manager: JetStreamManager, stream: string): Effect.Effect<void> =>
  Effect.tryPromise(() => manager.streams.delete(stream)).pipe(
    Effect.interruptible,
    Effect.timeoutOption("1 second"),
    Effect.ignore
  )

type Tagged<T> = Extract<FleetJournal.Entry, { readonly _tag: T }>

/** The newest of one kind that a life has said, and when. */
const newest = <T extends FleetJournal.Entry["_tag"]>(
  { events }: Fleet.Fleet,
  life: string,
  tag: T
): { readonly at: number; readonly entry: Tagged<T> } | null => {
  const isSuch = (entry: FleetJournal.Entry): entry is Tagged<T> => entry._tag === tag
  const found = events.findLast(({ by, entry }) => by === life && isSuch(entry))
  return found !== undefined && isSuch(found.entry) ? { at: found.at, entry: found.entry } : null
}

/** Of several who say that they lead, the one who said so last: the others do not know yet. */
const leaderOf = (fleet: Fleet.Fleet): Fleet.FleetProcess | null => {
  const leaders = fleet.processes().flatMap((process) => {
    const said = newest(fleet, process.life, "LeaderChanged")
    return process.isRunning() && said?.entry.isLeader === true ? [{ process, at: said.at }] : []
  })
  return leaders.toSorted((left, right) => left.at - right.at).at(-1)?.process ?? null
}

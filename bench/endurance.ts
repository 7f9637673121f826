/**
 * `npm run bench -- endurance`: whether a group with churn stays as it is: memory, handles, consumers, buckets, rates of
 * messages. Its workers are spread over a few processes, each process measures itself, and the server is asked as well.
 *
 * @since 0.1.0
 */
import type * as Fleet from "@parti/testkit/Fleet"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import * as FleetJudge from "@parti/testkit/FleetJudge"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Cause, Effect, Exit, Fiber, References, Schedule } from "effect"
import { parseArgs } from "node:util"
import * as Group from "../chaos/Group.ts"
import * as Churn from "./endurance/Churn.ts"
import * as Sample from "./endurance/Sample.ts"
import * as Verdict from "./endurance/Verdict.ts"

const usage = `npm run bench -- endurance [--minutes 30] [--workers 50] [--partitions 2000] [--processes 4] [--rate 200]
  [--every 30] [--churn 20]

--rate: messages a second, over all partitions. --every, --churn: how many seconds from one sample, or change, to the next. Two of
the workers have processes of their own, which are killed in turn; the others share so many processes.`

const defaults = { minutes: 30, workers: 50, partitions: 2_000, processes: 4, rate: 200, every: 30, churn: 20 }

type Request = Readonly<typeof defaults>

const parse = (args: ReadonlyArray<string>): Request | null => {
  const names = Object.keys(defaults)
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]))
  try {
    const { values } = parseArgs({ args: [...args], options })
    const given = Object.entries(values).map(([name, value]) => [name, Number(value)] as const)
    const wrong = given.find(([, value]) => !Number.isSafeInteger(value) || value < 1)
    if (wrong !== undefined) throw new Error(`--${wrong[0]} takes a whole number from 1`)
    const request = { ...defaults, ...Object.fromEntries(given) }
    if (request.workers < request.processes + loners.length) throw new Error("each process needs a worker")
    return request
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return null
  }
}

const loners = ["loner-1", "loner-2"]

const mib = 2 ** 20

/** What must stay as it is, and how much of a change is none. */
const rules = {
  "heap after gc, MiB": { _tag: "Grown", share: 0.1, slack: 4 },
  "array buffers, MiB": { _tag: "Grown", share: 0.1, slack: 4 },
  "RSS, MiB": { _tag: "Grown", share: 0.15, slack: 20 },
  handles: { _tag: "Grown", share: 0.05, slack: 8 },
  // Each message in hand and each request has some, so that a moment's load shows.
  timers: { _tag: "Grown", share: 0.25, slack: 50 },
  "file descriptors": { _tag: "Grown", share: 0.05, slack: 8 },
  "server: RSS, MiB": { _tag: "Grown", share: 0.25, slack: 20 },
  "server: connections": { _tag: "Grown", share: 0, slack: 2 },
  "server: subscriptions": { _tag: "Grown", share: 0.1, slack: 0 },
  "server: msgs in /s": { _tag: "Changed", share: 0.25, slack: 0 },
  "server: msgs out /s": { _tag: "Changed", share: 0.25, slack: 0 },
  "handled /s": { _tag: "Changed", share: 0.25, slack: 0 },
  consumers: { _tag: "Grown", share: 0.02, slack: 5 },
  // The names of those who left are kept for ten minutes.
  "live: messages": { _tag: "Grown", share: 0.1, slack: 15 },
  "live: KiB": { _tag: "Grown", share: 0.1, slack: 8 },
  "plan: messages": { _tag: "Grown", share: 0.1, slack: 2 },
  // The newest 64 decisions, each with its evidence.
  "plan: decisions": { _tag: "AtMost", bound: 128 },
  "plan: KiB": { _tag: "AtMost", bound: 8_192 }
} satisfies Readonly<Record<string, Verdict.Rule>>

type Moment = Verdict.Moment<keyof typeof rules>

/** The defaults, but for the windows: several changes a minute are to have happened before the next. */
const config = {
  coldStartWindowMs: 30_000,
  plannedWindowMs: 2_000,
  minRebalanceIntervalMs: 1_000,
  startupTimeoutMs: 120_000,
  shutdownTimeoutMs: 60_000
} as const

/** How many workers each of the shared processes has. */
const shares = ({ processes, workers }: Request): ReadonlyArray<number> => {
  const shared = workers - loners.length
  return Array.from({ length: processes }, (_, i) => Math.floor((shared + i) / processes))
}

const assemble = (request: Request, server: NatsServer.NatsServerHandle) =>
  Effect.gen(function* () {
    const group = yield* Group.make({
      name: "endurance",
      servers: [server.url],
      partitions: request.partitions,
      config: {
        ...config,
        expectedWorkers: request.workers,
        workerIdPool: { prefix: "worker", count: 2 * request.workers }
      },
      // Far more than a partition can be behind.
      keep: Math.ceil((300 * request.rate) / request.partitions),
      script: new URL("endurance/Host.ts", import.meta.url),
      execArgv: ["--expose-gc"],
      patienceMs: 600_000
    })
    const hosts = yield* Effect.forEach(shares(request), (workers, i) => group.start(`host-${i + 1}`, { workers }))
    const cast: Churn.Cast = { hosts, loners, start: (name) => group.start(name) }
    yield* Effect.forEach(loners, cast.start)
    // The first consumers of so many partitions take their time, and are no part of what follows.
    yield* group.progress
    return { group, cast }
  })

interface Before {
  readonly server: Sample.ServerSample
  readonly handled: number
}

const isSample = (value: unknown): value is Sample.HostSample =>
  typeof value === "object" && value !== null && "heapBytes" in value && "descriptors" in value

const measureHosts = (group: Group.Group, hosts: ReadonlyArray<Fleet.FleetProcess>) =>
  Effect.map(
    Effect.forEach(hosts, (host) => Churn.order(group, host, "sample"), { concurrency: "unbounded" }),
    (answers) => {
      const samples = answers.filter(isSample)
      return (name: keyof Sample.HostSample) => samples.reduce((sum, sample) => sum + sample[name], 0)
    }
  )

const measure = (
  server: NatsServer.NatsServerHandle,
  group: Group.Group,
  { hosts }: Churn.Cast,
  before: Before
): Effect.Effect<{ readonly moment: Moment; readonly now: Before }, Fleet.FleetError> =>
  Effect.gen(function* () {
    const hosted = yield* measureHosts(group, hosts)
    const now = {
      server: yield* ask(server, group),
      handled: group.fleet.judge.progress().handled
    }
    const seconds = (now.server.at - before.server.at) / 1_000
    const moment = {
      "heap after gc, MiB": hosted("heapBytes") / mib,
      "array buffers, MiB": hosted("bufferBytes") / mib,
      "RSS, MiB": hosted("rssBytes") / mib,
      handles: hosted("handles"),
      timers: hosted("timers"),
      "file descriptors": hosted("descriptors"),
      "server: RSS, MiB": now.server.memoryBytes / mib,
      "server: connections": now.server.connections,
      "server: subscriptions": now.server.subscriptions,
      "server: msgs in /s": (now.server.inMsgs - before.server.inMsgs) / seconds,
      "server: msgs out /s": (now.server.outMsgs - before.server.outMsgs) / seconds,
      "handled /s": (now.handled - before.handled) / seconds,
      consumers: now.server.consumers,
      "live: messages": now.server.liveMessages,
      "live: KiB": now.server.liveBytes / 1_024,
      "plan: messages": now.server.planMessages,
      "plan: decisions": now.server.decisionMessages,
      "plan: KiB": now.server.planBytes / 1_024
    }
    return { moment, now }
  })

const rounded = (value: number): string => String(Number(value.toFixed(value < 100 ? 1 : 0)))

const show = (seconds: number, changes: number, moment: Moment): void => {
  const figures = Object.entries(moment).map(([name, value]) => `${name} ${rounded(value)}`)
  console.log(`${Math.round(seconds)} s, ${changes} changes: ${figures.join(", ")}`)
}

/** Changes and samples, until the time is up. */
const endure = (
  request: Request,
  server: NatsServer.NatsServerHandle,
  { cast, group }: { readonly cast: Churn.Cast; readonly group: Group.Group }
): Effect.Effect<ReadonlyArray<Moment>, Fleet.FleetError> =>
  Effect.gen(function* () {
    let changes = 0
    const churn = Effect.suspend(() => Churn.change(group, cast, changes)).pipe(
      Effect.map(() => void (changes += 1)),
      Effect.repeat(Schedule.fixed(`${request.churn} seconds`))
    )
    const moments: Array<Moment> = []
    const startedAt = performance.now()
    const sampling = Effect.gen(function* () {
      let { now } = yield* measure(server, group, cast, yield* zero(server, group))
      const count = Math.max(5, Math.round((60 * request.minutes) / request.every))
      yield* Effect.repeat(
        Effect.gen(function* () {
          yield* Effect.sleep(`${request.every} seconds`)
          const next = yield* measure(server, group, cast, now)
          now = next.now
          moments.push(next.moment)
          show((performance.now() - startedAt) / 1_000, changes, next.moment)
        }),
        { times: count - 1 }
      )
    })
    yield* Effect.raceFirst(sampling, churn)
    return moments
  })

const zero = (server: NatsServer.NatsServerHandle, group: Group.Group): Effect.Effect<Before> =>
  Effect.map(ask(server, group), (sample) => ({ server: sample, handled: group.fleet.judge.progress().handled }))

/** A server that is too busy to answer is asked again. */
const ask = (server: NatsServer.NatsServerHandle, group: Group.Group): Effect.Effect<Sample.ServerSample> =>
  Effect.tryPromise(() => Sample.ofServer(server.monitorUrl, group.manager, group.names)).pipe(
    Effect.retry({ times: 10, schedule: Schedule.spaced("1 second") }),
    Effect.orDie
  )

/** What the judge of the journals has to say, when all is handled. */
const conclude = (group: Group.Group): Effect.Effect<ReadonlyArray<string>, Fleet.FleetError> =>
  Effect.gen(function* () {
    yield* group.working
    yield* group.settled
    yield* group.fleet.close
    const running = group.running()
    yield* Effect.forEach(running, ({ terminate }) => terminate, { discard: true })
    yield* Effect.forEach(running, ({ exited }) => exited, { discard: true })
    yield* group.fleet.finish
    const account = group.fleet.judge.account(FleetJournal.now())
    const { duplicates, handled, published, runs } = account
    console.log(`\n${handled} of ${published} messages handled, ${duplicates.length} of them again, in ${runs} runs`)
    return FleetJudge.breaches.all(account)
  })

const report = (lines: ReadonlyArray<Verdict.Line>, breaches: ReadonlyArray<string>): boolean => {
  console.log("\nMedians of the first and the last quarter; the first tenth of all is not counted.")
  for (const { allowed, first, isFlat, last, what } of lines) {
    const change = first === 0 ? "" : `${rounded((100 * (last - first)) / first)} %`
    const cells = [what.padEnd(24), rounded(first).padStart(9), rounded(last).padStart(9), change.padStart(9)]
    console.log(`${cells.join("  ")}  allowed ${allowed.padEnd(16)}  ${isFlat ? "flat" : "NOT FLAT"}`)
  }
  for (const breach of breaches) console.log(`  ${breach}`)
  const isFlat = lines.every((line) => line.isFlat)
  console.log(`\n${isFlat ? "flat" : "NOT FLAT"}; ${breaches.length} breaches`)
  return isFlat && breaches.length === 0
}

const program = (request: Request) =>
  Effect.gen(function* () {
    console.log(`endurance: ${JSON.stringify(request)}`)
    const server = yield* NatsServer.make()
    const assembled = yield* assemble(request, server)
    console.log("all partitions are run, and their messages handled")
    const publishing = yield* Effect.forkScoped(assembled.group.producer.stream(request.rate))
    const moments = yield* endure(request, server, assembled)
    yield* Fiber.interrupt(publishing)
    const breaches = yield* conclude(assembled.group)
    return report(Verdict.judge(moments, rules), breaches)
  }).pipe(Effect.scoped, Effect.provideService(References.MinimumLogLevel, "None"))

/** Resolves to the exit code of the process: 0 if all is flat and nothing was lost, owned twice or out of order. */
export const run = async (args: ReadonlyArray<string>): Promise<number> => {
  const request = parse(args)
  if (request === null) {
    console.error(usage)
    return 2
  }
  const stopping = new AbortController()
  // Otherwise the server would outlive this process.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopping.abort())
  const exit = await Effect.runPromiseExit(program(request), { signal: stopping.signal })
  if (Exit.isSuccess(exit)) return exit.value ? 0 : 1
  console.error(Cause.pretty(exit.cause))
  return 1
}

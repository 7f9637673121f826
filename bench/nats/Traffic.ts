/** What an idle group costs the server. */
import * as PartiConfig from "@parti/core/PartiConfig"
import type * as Parti from "@parti/core/Parti"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, References } from "effect"
import { perSecond, type Row, work } from "./Row.ts"

const idleWorkers = [50, 200]
const idleSeconds = 20

/** The defaults, but for the windows before it is idle, and for names for all. */
const config = {
  coldStart: "eager",
  coldStartWindowMs: 0,
  plannedWindowMs: 0,
  workerIdPool: { prefix: "worker", count: Math.max(...idleWorkers) }
} as const satisfies Parti.PartiOptions["config"]

/** What the server has counted so far, of all its clients. */
const count = async ({ monitorUrl }: NatsServer.NatsServerHandle) => {
  const told: unknown = await (await fetch(`${monitorUrl}/varz`)).json()
  const at = performance.now()
  const isCount = (name: string, value: unknown): value is number => name.endsWith("_msgs") && typeof value === "number"
  const counts = Object.entries(told ?? {}).flatMap(([name, value]) =>
    isCount(name, value) ? [[name, value] as const] : []
  )
  const { in_msgs: heard = Number.NaN, out_msgs: said = Number.NaN } = Object.fromEntries(counts)
  return { at, heard, said }
}

/**
 * What must be said every second: to the server one renewal for each worker and for the leader's office. From it the answer to each; the
 * office's to all; each worker's to itself and to the candidates, who watch all; and heartbeats of two watches each.
 */
const expected = (workers: number, { candidates, heartbeatIntervalMs }: PartiConfig.PartiConfig) => {
  const renewals = (1_000 * (workers + 1)) / heartbeatIntervalMs
  const shown = (1_000 * (workers + workers * candidates + (workers - candidates))) / heartbeatIntervalMs
  return { heard: renewals, said: renewals + shown + 2 * workers }
}

/** Everything that the clients say and hear. */
const idle = (workers: number): Effect.Effect<ReadonlyArray<Row>, unknown> =>
  Effect.gen(function* () {
    const server = yield* NatsServer.make()
    const parsed = yield* Effect.fromResult(PartiConfig.parse({ ...config, group: "bench" }))
    const group = yield* Effect.forEach(Array.from({ length: workers }), () => work(server.url, 500, config), {
      concurrency: 10
    })
    const isIdle = Effect.map(
      Effect.forEach(group, ({ state }) => state),
      (states) => states.every((state) => state === "Stable")
    )
    yield* Effect.repeat(Effect.andThen(Effect.sleep("1 second"), isIdle), { until: (answer) => answer })
    const before = yield* Effect.promise(() => count(server))
    yield* Effect.sleep(`${idleSeconds} seconds`)
    const after = yield* Effect.promise(() => count(server))
    const rate = (which: "heard" | "said") => (1_000 * (after[which] - before[which])) / (after.at - before.at)
    const theory = expected(workers, parsed)
    const value = (which: "heard" | "said") =>
      `${perSecond(rate(which))}, ${(rate(which) / workers).toFixed(2)} a worker`
    return [
      {
        what: `${workers} idle workers: messages to the server`,
        value: value("heard"),
        aim: `about ${perSecond(theory.heard)}`,
        note: "renewals, of each worker and of the leader's office"
      },
      {
        what: "  and from it",
        value: value("said"),
        aim: `about ${perSecond(theory.said)}`,
        note: "answers, renewals that others watch, a heartbeat each second and watch"
      }
    ]
  }).pipe(Effect.scoped)

export const run: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.forEach(idleWorkers, idle).pipe(
  Effect.map((rows) => rows.flat()),
  Effect.provideService(References.MinimumLogLevel, "None")
)

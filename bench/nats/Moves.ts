/** How long partitions are without an owner in planned moves. */
import type * as Parti from "@parti/core/Parti"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, References, Schedule, Scope } from "effect"
import { ms, quantile, type Row, windowless, work } from "./Row.ts"

const partitions = 64

/** When each partition began and ended to run, by one clock: all workers are in this process. */
const recorder = () => {
  const running = new Map<string, number>()
  const endedAt = new Map<string, number>()
  const gaps: Array<number> = []
  const handler = ({ id }: Parti.PartitionContext) =>
    Effect.suspend(() => {
      const ended = endedAt.get(id)
      if (ended !== undefined) gaps.push(performance.now() - ended)
      endedAt.delete(id)
      running.set(id, (running.get(id) ?? 0) + 1)
      return Effect.never
    }).pipe(
      Effect.onExit(() =>
        Effect.sync(() => {
          endedAt.set(id, performance.now())
          running.set(id, (running.get(id) ?? 0) - 1)
        })
      )
    )
  const isComplete = () => [...running.values()].filter((count) => count === 1).length === partitions
  return { handler, gaps, isComplete }
}

const until = (isTrue: () => boolean) =>
  Effect.repeat(Effect.sync(isTrue), { until: (answer) => answer, schedule: Schedule.spaced("2 millis") })

const join = (url: string, handler: ReturnType<typeof recorder>["handler"], config: Parti.PartiOptions["config"]) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const parti = yield* Scope.provide(work(url, partitions, config), scope)
    yield* Scope.provide(parti.forEachPartition(handler), scope)
    return { parti, leave: Effect.andThen(parti.stop(), Scope.close(scope, Exit.void)) }
  })

const rounds = 12

const planned: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.gen(function* () {
  const server = yield* NatsServer.make()
  const { gaps, handler, isComplete } = recorder()
  const stay = yield* Effect.forEach([1, 2, 3], () => join(server.url, handler, windowless))
  yield* until(isComplete)
  gaps.length = 0
  for (let round = 0; round < rounds; round++) {
    const guest = yield* join(server.url, handler, windowless)
    yield* until(() => gaps.length >= (2 * round + 1) * (partitions / 4))
    yield* until(isComplete)
    yield* guest.leave
    yield* until(() => gaps.length >= (2 * round + 2) * (partitions / 4))
    yield* until(isComplete)
  }
  yield* Effect.forEach(stay, ({ leave }) => leave)
  const note = `${gaps.length} moves: a fourth of ${partitions} partitions, ${rounds} times to a worker that joins and back`
  return [
    { what: "planned move, without an owner, median", value: ms(quantile(gaps, 0.5)), aim: "", note },
    { what: "  99th percentile", value: ms(quantile(gaps, 0.99)), aim: "≤ 50 ms", note: "handlers that end at once" }
  ]
}).pipe(Effect.scoped)

export const run: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.provideService(
  planned,
  References.MinimumLogLevel,
  "None"
)

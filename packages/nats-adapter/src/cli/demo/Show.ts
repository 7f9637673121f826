/**
 * Plays the script on a group, and shows it.
 *
 * @since 0.1.0
 */
import * as CoordinationStore from "@parti/core/CoordinationStore"
import * as MemoryStore from "@parti/core/MemoryStore"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type { Arguments } from "./Arguments.ts"
import * as Process from "./Process.ts"
import type { Screen } from "./Screen.ts"
import * as Script from "./Script.ts"
import * as Stage from "./Stage.ts"
import type { Summary } from "./Summary.ts"

const frameMs = 100

/** How long a slow machine may take, after the end, until every partition is where it should be. */
const patienceMs = 10_000

/**
 * Plays on the store in memory from the beginning to the end, and says what came of it.
 *
 * @category running
 * @since 0.1.0
 */
export const play = (chosen: Arguments, screen: Screen): Effect.Effect<Summary> =>
  Effect.flatMap(MemoryStore.make(), (store) => playOn({ group: "demo", store }, chosen, screen)).pipe(
    Effect.scoped,
    Random.withSeed(chosen.seed)
  )

/**
 * Where it is played: a group that nobody else uses, and its store.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly group: string
  readonly store: CoordinationStore.CoordinationStore["Service"]
}

/**
 * The same on a store of the caller's.
 *
 * @category running
 * @since 0.1.0
 */
export const playOn = (place: Place, chosen: Arguments, screen: Screen): Effect.Effect<Summary> =>
  Effect.suspend(() =>
    perform(place.group, chosen, Stage.make(chosen, Script.write(chosen), screen), screen).pipe(
      // Before the scope is closed: what the workers do when they are all stopped is no part of the play.
      Effect.ensuring(Effect.sync(screen.close)),
      Effect.provideService(CoordinationStore.CoordinationStore, place.store),
      Effect.scoped
    )
  )

const perform = (
  group: string,
  { partitions }: Arguments,
  stage: Stage.Stage,
  screen: Screen
): Effect.Effect<Summary, never, CoordinationStore.CoordinationStore | Scope.Scope> =>
  Effect.gen(function* () {
    const { script } = stage
    const processes = new Map<string, Process.Process>()
    for (const name of script.processes)
      processes.set(name, yield* Process.make(name, stage, optionsFor(group, script, partitions)))
    const draw = Effect.gen(function* () {
      const rows = yield* Effect.forEach(processes.values(), ({ row }) => row)
      screen.show(stage.scene(rows.flatMap((row) => row ?? [])))
    })
    yield* Effect.forever(Effect.andThen(draw, Effect.sleep(frameMs))).pipe(Effect.forkScoped)
    for (const { act, atMs, process } of script.cues) {
      yield* Effect.sleep(Math.max(0, atMs - stage.now()))
      yield* Effect.forkScoped(processes.get(process)?.perform(act) ?? Effect.void)
    }
    yield* Effect.sleep(Math.max(0, script.lengthMs - stage.now()))
    yield* settle(stage, partitions)
    yield* draw
    return {
      title: stage.title,
      lengthMs: stage.now(),
      partitions,
      rebalances: stage.chronicle().rebalances,
      account: stage.recorder.account(stage.now()),
      failures: stage.failures()
    }
  })

const settle = (stage: Stage.Stage, partitions: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    const isSettled = stage.recorder.running() === partitions && stage.chronicle().tag === "Idle"
    const isLate = stage.now() > stage.script.lengthMs + patienceMs
    return isSettled || isLate ? Effect.void : Effect.andThen(Effect.sleep(frameMs), settle(stage, partitions))
  })

const optionsFor = (group: string, { coldStartWindowMs, plannedWindowMs }: Script.Script, partitions: number) => ({
  group,
  partitions: Array.from({ length: partitions }, (_, i) => ({ keys: [String(i)] })),
  config: {
    preset: "development" as const,
    coldStartWindowMs,
    plannedWindowMs,
    restartWindowMs: coldStartWindowMs
  }
})

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

/** How long it may take until the first workers run every partition. */
const startPatienceMs = 30_000

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
    const reach = (atMs: number) => Effect.suspend(() => Effect.sleep(Math.max(0, atMs - stage.scriptClock.now())))
    const opening = script.cues.findIndex(({ atMs }) => atMs > script.openingMs)
    for (const [place, { act, atMs, process }] of script.cues.entries()) {
      yield* reach(atMs)
      if (place === opening) yield* opened(stage, partitions)
      yield* Effect.forkScoped(processes.get(process)?.perform(act) ?? Effect.void)
    }
    yield* reach(script.lengthMs)
    yield* settled(stage, partitions, patienceMs)
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

/** What happens to workers is worth watching once they have something: until then the script stands still. */
const opened = (stage: Stage.Stage, partitions: number): Effect.Effect<void> =>
  Effect.sync(stage.scriptClock.hold).pipe(
    Effect.andThen(settled(stage, partitions, startPatienceMs)),
    Effect.ensuring(Effect.sync(stage.scriptClock.release))
  )

/** Waits until every partition is run and nothing is being moved; not for ever. */
const settled = (stage: Stage.Stage, partitions: number, waitMs: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    const endsAt = stage.now() + waitMs
    const isSettled = () => stage.recorder.running() === partitions && stage.chronicle().tag === "Idle"
    const look: Effect.Effect<void> = Effect.suspend(() =>
      isSettled() || stage.now() > endsAt ? Effect.void : Effect.andThen(Effect.sleep(frameMs), look)
    )
    return look
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

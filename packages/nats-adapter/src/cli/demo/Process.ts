/**
 * A process of the demo, with a worker in it: all of them are this one process, and each has its own way to the store.
 *
 * @since 0.1.0
 */
import * as CoordinationStore from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Cable from "./Cable.ts"
import type { Row } from "./Scene.ts"
import type { Act } from "./Script.ts"
import type { Stage } from "./Stage.ts"

/**
 * A process: does what the script says, and shows how it is; `null` before it has been started.
 *
 * @category models
 * @since 0.1.0
 */
export interface Process {
  readonly perform: (act: Act) => Effect.Effect<void>
  readonly row: Effect.Effect<Row | null>
}

/** A worker at work. `killed` ends its handlers at once. */
interface Running {
  readonly parti: Parti.PartiService
  readonly scope: Scope.Closeable
  readonly kill: Effect.Effect<void>
}

type Life =
  | { readonly _tag: "Off"; readonly word: string }
  | ({ readonly _tag: "On"; readonly word: string | null } & Running)

/** How long a handler takes to finish what it has in hand when its partition is taken from it. */
const inHandMs = 200

/**
 * A process that has not been started. Its workers stop with the scope.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  name: string,
  stage: Stage,
  options: Omit<Parti.PartiOptions, "hooks">
): Effect.Effect<Process, never, CoordinationStore.CoordinationStore | Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* CoordinationStore.CoordinationStore
    const outer = yield* Effect.scope
    // One act after the other: who is to return must have gone before.
    const turn = yield* Semaphore.make(1)
    let life: Life | null = null

    const start = Effect.gen(function* () {
      life = { _tag: "Off", word: "starts" }
      const running = yield* run(name, stage, options, Cable.to(store), outer)
      life = { _tag: "On", word: null, ...running }
    })

    const end = (word: string, then: string, how: (running: Running) => Effect.Effect<unknown>) =>
      Effect.suspend(() => {
        if (life?._tag !== "On") return Effect.sync(() => stage.fail(`${name} cannot ${word}: it does not run`))
        const running = life
        life = { ...running, word }
        return Effect.andThen(
          how(running),
          Effect.sync(() => {
            life = { _tag: "Off", word: then }
          })
        )
      })

    const stop = (intent: "leave" | "restart") => (running: Running) =>
      Effect.andThen(running.parti.stop({ intent }), Scope.close(running.scope, Exit.void))

    const crash = ({ kill, scope }: Running) => Effect.andThen(kill, Effect.forkDetach(Scope.close(scope, Exit.void)))

    const acts: Readonly<Record<Act, Effect.Effect<void, Parti.StartError>>> = {
      Start: start,
      Return: start,
      Crash: end("is killed", "killed", crash),
      Leave: end("leaves", "has left", stop("leave")),
      Restart: end("restarts", "restarts", stop("restart"))
    }

    return {
      perform: (act) =>
        Effect.sync(() => stage.tell(`${name} ${words[act]}`, "act")).pipe(
          Effect.andThen(acts[act]),
          Effect.catchCause((cause) => Effect.sync(() => stage.fail(`${name} ${words[act]}: ${faultIn(cause)}`))),
          turn.withPermits(1)
        ),
      row: Effect.suspend(() => rowOf(name, stage, life))
    }
  })

const faultIn = (cause: Cause.Cause<unknown>): string => Cause.prettyErrors(cause)[0]?.message ?? "interrupted"

const words: Readonly<Record<Act, string>> = {
  Start: "starts",
  Return: "is back",
  Crash: "is killed",
  Leave: "leaves",
  Restart: "restarts"
}

/** Starts a worker, gives it its handler, and follows what it sees. */
const run = (
  name: string,
  stage: Stage,
  options: Omit<Parti.PartiOptions, "hooks">,
  cable: Cable.Cable,
  outer: Scope.Scope
): Effect.Effect<Running, Parti.StartError> =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(outer)
    const killed = yield* Deferred.make<void>()
    const onError = (problem: { readonly message: string }) => Effect.sync(() => stage.tell(problem.message, "alarm"))
    const parti = yield* Parti.make({
      ...options,
      config: { ...options.config, instance: name },
      hooks: { onError },
      stopIntent: "restart"
    }).pipe(Effect.provideService(CoordinationStore.CoordinationStore, cable.store), Scope.provide(scope))
    stage.tell(`${name} is ${(yield* parti.workerId) ?? "nobody yet"}`, "plain")
    yield* parti
      .forEachPartition((context) => handle(name, stage, context, Deferred.await(killed)), { onRevoke: "drain" })
      .pipe(Scope.provide(scope))
    yield* Stream.runForEach(parti.groupChanges, (view) => Effect.sync(() => stage.seen(view))).pipe(
      Effect.forkIn(scope)
    )
    const cut = Effect.sync(() => cable.cut())
    return { parti, scope, kill: Effect.andThen(cut, Deferred.succeed(killed, undefined)).pipe(Effect.asVoid) }
  })

/** Runs a partition: says so in the record, and when told to stop finishes what it has in hand. */
const handle = (
  name: string,
  { now, recorder }: Stage,
  { id, revoked, token }: Parti.PartitionContext,
  killed: Effect.Effect<void>
): Effect.Effect<void> => {
  const run = { partition: id, by: name, token }
  return Effect.acquireUseRelease(
    Effect.sync(() => recorder.began(run, now())),
    () => Effect.raceFirst(Effect.andThen(revoked, Effect.sleep(inHandMs)), killed),
    () => Effect.sync(() => recorder.ended(run, now()))
  )
}

const rowOf = (name: string, { recorder }: Stage, life: Life | null): Effect.Effect<Row | null> =>
  Effect.gen(function* () {
    if (life === null) return null
    const running = recorder.running(name)
    const off = { process: name, workerId: null, isLeader: false, mood: "gone" as const, running }
    if (life._tag === "Off") return { ...off, status: life.word }
    const state = yield* life.parti.state
    return {
      process: name,
      workerId: yield* life.parti.workerId,
      isLeader: yield* life.parti.isLeader,
      status: life.word ?? state,
      mood: life.word === null && state === "Stable" ? "well" : "busy",
      running
    }
  })

/**
 * What a test kit needs of the runtime beyond what programs do: workers that can crash, the same run again, and every step
 * of it. Nothing here is of use in production.
 *
 * **Example** (The same run of a worker again, and what it decided in it)
 *
 * ```ts
 * import { MemoryStore, type Parti } from "@parti/core"
 * import * as Testing from "@parti/core/Testing"
 * import { Effect, Layer, Stream } from "effect"
 *
 * const options: Parti.PartiOptions = { group: "orders", partitions: [{ keys: ["eu"] }] }
 *
 * // Under a clock of the test's own nothing is held up.
 * const noDelay = Effect.succeed({ read: () => 0 })
 *
 * const crashOnceStable = (worker: Testing.Worker) =>
 *   Testing.serviceOf(worker).stateChanges.pipe(
 *     Stream.takeUntil((state) => state === "Stable"),
 *     Stream.runDrain,
 *     Effect.andThen(worker.crash)
 *   )
 *
 * // As they would stand in the store.
 * const decisionsIn = (steps: ReadonlyArray<Testing.Taken>) =>
 *   steps.flatMap(({ config, event, step }) => {
 *     const made = Testing.decisionOf(config, step, event)
 *     return made === null ? [] : [Testing.encodeEvidence(made.evidence, Testing.zlib)]
 *   })
 *
 * const run = Effect.gen(function* () {
 *   const steps: Array<Testing.Taken> = []
 *   yield* Effect.flatMap(Testing.begin(options), crashOnceStable).pipe(
 *     Effect.provideService(Testing.Tap, (taken) => void steps.push(taken)),
 *     Effect.provideService(Testing.BootId, Effect.succeed("first")),
 *     Effect.provideService(Testing.EventLoopDelay, noDelay)
 *   )
 *   return decisionsIn(steps)
 * }).pipe(Effect.provide(MemoryStore.layer()))
 * ```
 *
 * @since 0.1.0
 */
export { of as decisionOf } from "./protocol/DecisionMaking.ts"
export { encode as encodeEvidence } from "./protocol/EvidenceCodec.ts"
export { zlib } from "./runtime/Compression.ts"
export { EventLoopDelay } from "./runtime/EventLoopDelay.ts"
export { begin } from "./runtime/Parti.ts"
export { of as serviceOf } from "./runtime/PartiService.ts"
export { run as runPromiseHandler } from "./runtime/PromiseHandler.ts"
export { BootId, Tap, type Taken } from "./runtime/Tap.ts"
export type { Worker } from "./runtime/Worker.ts"

/**
 * What a test kit needs of the runtime beyond what programs do: workers that can crash, the same run again, and every step
 * of it. Nothing here is of use in production.
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

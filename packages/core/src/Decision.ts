/**
 * Why partitions moved: the log of decisions, what it says of a partition, and the same decision computed again.
 *
 * @since 0.1.0
 */
export type {
  Changes,
  Cost,
  Decision,
  Evidence,
  Logged,
  MoveReason,
  Named,
  Steps,
  StrategyName,
  Verdict
} from "./protocol/Decision.ts"
export { decode, encode } from "./protocol/DecisionCodec.ts"
export { decode as decodeEvidence } from "./protocol/EvidenceCodec.ts"
export { type Explanation, type Gap, type Holder, type Moved, of as explain } from "./protocol/Explanation.ts"
export { type Difference, type Replayed, run as replay } from "./protocol/Replay.ts"
export { cause, describe, moment, summary } from "./runtime/ExplanationText.ts"
export { follow, type Logbook, read, type ReadError } from "./runtime/Logbook.ts"

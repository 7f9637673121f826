/**
 * Decisions as bytes.
 *
 * **Details** One JSON object, small, and written again when the decision has come to its end; it names no partition. What it was made
 * upon stands under another key: `EvidenceCodec`. Both bear the version of the plan, so that a reader sees which belong together.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Codec from "../model/Codec.ts"
import type { StrategyRecipe } from "../strategy/Strategy.ts"
import type { Decision } from "./Decision.ts"

/** Room for the names of some workers and for a recipe; what is larger is no decision. */
const maxDecisionBytes = 64 * 1024

const Count = Schema.Natural

const Wall = Schema.NullOr(Schema.Natural)

const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

const Name = Codec.Text(256)

const Named = Schema.Struct({ count: Count, ids: Schema.Array(Codec.Id) })

const Recipe: Schema.Codec<StrategyRecipe> = Schema.Struct({
  name: Name,
  options: Schema.Record(Schema.String, Schema.Unknown),
  of: Schema.optionalKey(Schema.suspend((): Schema.Codec<StrategyRecipe> => Recipe))
})

const Steps = Schema.Struct({
  windowOpenedAt: Wall,
  decidedAt: Schema.Natural,
  publishedAt: Schema.Natural,
  acknowledgedAt: Wall,
  slowest: Schema.NullOr(Codec.Id),
  grantedAt: Wall,
  grantedBy: Wall,
  stableAt: Wall,
  supersededBy: Wall
})

const Changes = Schema.Struct({
  joined: Named,
  gone: Named,
  crashed: Named,
  draining: Named,
  partitionsAdded: Count,
  partitionsRemoved: Count,
  isReweighted: Schema.Boolean
})

const Moves = Schema.Struct({
  removed: Count,
  added: Count,
  returned: Count,
  drain: Count,
  orphaned: Count,
  balance: Count,
  weight: Count,
  strategy: Count
})

const Cost = Schema.Struct({
  moved: Amount,
  minimum: Amount,
  maxOverFair: Amount,
  minOverFair: Amount,
  isDeferred: Schema.Boolean
})

const checkDecision = Codec.checker(
  Schema.Struct({
    number: Schema.Natural,
    version: Schema.Natural,
    epoch: Schema.Natural,
    leader: Codec.Id,
    trigger: Schema.Literals(["cold_start", "restart", "emergency", "planned_scale", "requested"]),
    changes: Changes,
    strategy: Schema.Struct({ name: Name, algoVersion: Schema.Finite, recipe: Schema.NullOr(Recipe) }),
    workers: Count,
    partitions: Count,
    moves: Moves,
    cost: Cost,
    inputs: Codec.Text(64),
    outcome: Codec.Text(64),
    steps: Steps,
    evidence: Schema.Literals(["Whole", "WithoutList", "TooLarge"])
  })
)

/**
 * Writes a decision.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (decision: Decision): Uint8Array => Codec.write({ ...decision })

/**
 * Reads a decision.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array): Codec.Decoded<Decision> =>
  Result.flatMap(Codec.read(bytes, maxDecisionBytes), checkDecision)

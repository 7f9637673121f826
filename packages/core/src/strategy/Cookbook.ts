/**
 * Makes strategies from their recipes.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { consistentHash } from "./ConsistentHash.ts"
import { limitMoves } from "./LimitMoves.ts"
import { rendezvous } from "./Rendezvous.ts"
import { roundRobin } from "./RoundRobin.ts"
import { sticky } from "./Sticky.ts"
import type { AssignmentStrategy, StrategyRecipe } from "./Strategy.ts"
import { weightedConsistentHash } from "./WeightedConsistentHash.ts"

/** So many strategies may wrap each other; more is no recipe but a trap. */
const maxDepth = 8

/** Made of another strategy, or of none. */
type Cook = (options: unknown, inner: AssignmentStrategy | null) => Result.Result<AssignmentStrategy, string>

/** A cook for a strategy that wraps no other: options that it does not know are those of another release. */
const plain =
  <S extends Schema.ConstraintDecoder<unknown>>(options: S, make: (options: S["Type"]) => AssignmentStrategy): Cook =>
  (given, inner) =>
    inner === null ? made(options, make)(given) : Result.fail("it wraps no other strategy")

const made = <S extends Schema.ConstraintDecoder<unknown>>(
  options: S,
  make: (options: S["Type"]) => AssignmentStrategy
) => {
  const check = Schema.decodeUnknownResult(options, { onExcessProperty: "error" })
  return (given: unknown): Result.Result<AssignmentStrategy, string> =>
    Result.flatMap(
      Result.mapError(check(given), ({ message }) => message.replaceAll(/\s+/g, " ").slice(0, 200)),
      // Values that make no sense are refused by whoever makes the strategy.
      (known) => Result.try({ try: () => make(known), catch: String })
    )
}

const { optionalKey, Number, NullOr, Boolean, Literals } = Schema

const limits = { maxMoveFraction: optionalKey(Number), maxMoves: optionalKey(Number) }

const ring = { virtualNodes: optionalKey(Number), seed: optionalKey(Number) }

const cooks: Readonly<Record<string, Cook>> = {
  sticky: plain(
    Schema.Struct({
      ...limits,
      tolerance: optionalKey(Schema.Union([Number, Schema.Struct({ up: Number, down: Number })])),
      overflow: optionalKey(Literals(["error", "exceed"])),
      standby: optionalKey(Boolean)
    }),
    sticky
  ),
  rendezvous: plain(Schema.Struct({ seed: optionalKey(Number), maxBids: optionalKey(Number) }), rendezvous),
  consistentHash: plain(Schema.Struct({ ...ring, boundedLoad: optionalKey(NullOr(Number)) }), consistentHash),
  weightedConsistentHash: plain(Schema.Struct({ ...ring, overload: optionalKey(Number) }), weightedConsistentHash),
  roundRobin: plain(Schema.Struct({}), roundRobin),
  limitMoves: (given, inner) =>
    inner === null
      ? Result.fail("it wraps another strategy, which is missing")
      : made(Schema.Struct(limits), (options) => limitMoves(inner, options))(given)
}

/**
 * The strategy of a recipe, or why it cannot be made: this release does not know it, or not with these options.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * Strategy.fromRecipe({ name: "sticky", options: { tolerance: 0.1 } })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRecipe = (recipe: StrategyRecipe): Result.Result<AssignmentStrategy, string> => cook(recipe, 1)

const cook = (recipe: StrategyRecipe, depth: number): Result.Result<AssignmentStrategy, string> => {
  const make = Object.hasOwn(cooks, recipe.name) ? cooks[recipe.name] : undefined
  if (make === undefined) return Result.fail(`this release knows no strategy ${recipe.name}`)
  if (depth > maxDepth) return Result.fail(`more than ${maxDepth} strategies wrap each other`)
  const inner = recipe.of === undefined ? Result.succeed(null) : cook(recipe.of, depth + 1)
  return Result.flatMap(inner, (one) =>
    Result.mapError(make(recipe.options, one), (why) => `${recipe.name} cannot be made from its recipe: ${why}`)
  )
}

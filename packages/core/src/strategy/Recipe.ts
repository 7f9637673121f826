/**
 * Recipes: how a strategy was made, so far as plain data can say it.
 *
 * @since 0.1.0
 */
import type { StrategyRecipe } from "./Strategy.ts"

/** What is the same after a trip through JSON. */
const isPlain = (value: unknown): boolean => {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return true
    case "number":
      return Number.isFinite(value)
    case "object":
      return value === null || Object.values(value).every(isPlain)
    case "bigint":
    case "function":
    case "symbol":
      return false
  }
}

/**
 * The field `recipe` of a strategy; nothing where an option is a function, or a number that JSON does not know.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (name: string, options: object, inner?: StrategyRecipe): { readonly recipe?: StrategyRecipe } => {
  if (!isPlain(options)) return {}
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { recipe: { name, options: given, ...(inner === undefined ? {} : { of: inner }) } }
}

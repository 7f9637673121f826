/**
 * One sentence of a store's contract, with the check that it holds.
 *
 * @since 0.1.0
 */
import type { CoordinationStore } from "@parti/core/CoordinationStore"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * A store as its users see it.
 *
 * @category models
 * @since 0.1.0
 */
export type Store = (typeof CoordinationStore)["Service"]

/**
 * What a rule may use. `store` belongs to a group of its own, in which nothing was written before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject {
  readonly store: Store
  /** Another client of the same group. */
  readonly sameGroup: Effect.Effect<Store, unknown, Scope.Scope>
  /** A client of another group on the same store. */
  readonly otherGroup: Effect.Effect<Store, unknown, Scope.Scope>
  /** More than the store takes as one value. */
  readonly tooLargeBytes: number
  /** How many watches `store` has open, if it can tell. */
  readonly openWatches: Effect.Effect<number> | null
}

/**
 * A rule. Its check fails, dies or throws when the store breaks it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule {
  readonly title: string
  readonly check: (subject: Subject) => Effect.Effect<void, unknown, Scope.Scope>
}

/**
 * Puts a sentence and its check together.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rule = (title: string, check: Rule["check"]): Rule => ({ title, check })

/**
 * Text as a value of the store.
 *
 * @category conversions
 * @since 0.1.0
 */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/**
 * A value of the store as text.
 *
 * @category conversions
 * @since 0.1.0
 */
export const text = (value: Uint8Array): string => new TextDecoder().decode(value)

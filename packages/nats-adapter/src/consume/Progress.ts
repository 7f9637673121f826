/**
 * What a process remembers of a partition, from one of its consumers to the next.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"

/**
 * How often a message has failed, and with what the last time.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failure {
  readonly count: number
  readonly cause: Cause.Cause<unknown>
}

/**
 * How far a partition has come under one token.
 *
 * **Details**
 *
 * - `acknowledgedThrough`: everything up to this sequence of the stream was handled; 0: nothing is known.
 * - `done`: what was handled last. An acknowledgement may be lost, and its message come again.
 * - `failures`: of messages that are not done with.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  acknowledgedThrough: number
  readonly done: Set<number>
  readonly failures: Map<number, Failure>
}

/**
 * Nothing is known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Progress => ({ acknowledgedThrough: 0, done: new Set(), failures: new Map() })

/**
 * What promises reject with.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import type { WorkerUnknown } from "./Errors.ts"
import type { StartError } from "./Parti.ts"
import type { OrderError } from "./PartiService.ts"
import * as Thrown from "./Thrown.ts"

/**
 * All that calls of a worker fail with.
 */
type Failure = StartError | OrderError | WorkerUnknown

/**
 * What went wrong, for programs: the name of the error, `StoreFailed` if the store of the group could not be opened and
 * its error has no name, or `Bug`. Adapters add the names of their own errors.
 *
 * @category models
 * @since 0.1.0
 */
export type Code = Failure["_tag"] | "StoreFailed" | "Bug"

const advices: Readonly<Record<Code, string>> = {
  ConfigInvalid: "correct the options that the message names",
  StartTimedOut: "see what the worker was waiting for",
  StoreMisconfigured: "change the setting of the bucket, or choose another group name",
  StoreUnavailable: "look at the store's health, and try again",
  StoreFailed: "check the store's address, the credentials and the permissions",
  PartitionSourceFailed: "correct the list of partitions",
  WorkerStopped: "create a new worker",
  WorkerUnknown: "name one of the workers that the message lists",
  WorkerDied: "please report it; a new worker can be created",
  Bug: "please report it"
}

/**
 * A call failed. `code` is for programs, `message` and `advice` are for people, `cause` is the error underneath with
 * all its fields.
 *
 * @category errors
 * @since 0.1.0
 */
export class PartiError extends Error {
  override readonly name = "PartiError"
  readonly code: Code | (string & {})
  readonly advice: string

  constructor(code: Code | (string & {}), message: string, advice: string, cause: unknown) {
    super(message, { cause })
    this.code = code
    this.advice = advice
  }
}

/**
 * The error for a cause. Made where it is thrown, so that its stack leads to the caller.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromCause = (cause: Cause.Cause<unknown>): PartiError => {
  const thrown = Cause.squash(cause)
  const code = Cause.hasDies(cause) ? "Bug" : codeOf(thrown)
  return new PartiError(code, Thrown.describe(thrown), adviceFor(code, thrown), thrown)
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "_tag" in thrown && typeof thrown._tag === "string" ? thrown._tag : "StoreFailed"

const adviceFor = (code: string, thrown: unknown): string => {
  if (code !== "Bug" && isAdvising(thrown)) return thrown.advice
  return isCode(code) ? advices[code] : advices.StoreFailed
}

const isCode = (code: string): code is Code => Object.hasOwn(advices, code)

const isAdvising = (thrown: unknown): thrown is { readonly advice: string } =>
  typeof thrown === "object" && thrown !== null && "advice" in thrown && typeof thrown.advice === "string"

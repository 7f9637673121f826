/**
 * What the client library throws, told apart by name and code, never by message.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { format } from "effect/Formatter"
import { NatsPermissionDenied } from "../NatsError.ts"

/**
 * A request failed; `cause` is what the client library threw.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsRequestFailed extends Data.TaggedError("NatsRequestFailed")<{ readonly cause: unknown }> {
  override get message(): string {
    return describe(this.cause)
  }
}

/**
 * Asks the client library for something.
 *
 * @category constructors
 * @since 0.1.0
 */
export const attempt = <A>(ask: () => Promise<A>): Effect.Effect<A, NatsRequestFailed> =>
  Effect.tryPromise({ try: ask, catch: (cause) => new NatsRequestFailed({ cause }) })

/**
 * The server's own error code; `null` when the server said nothing.
 *
 * @category accessors
 * @since 0.1.0
 */
export const code = (thrown: unknown): number | null => {
  for (const error of chain(thrown)) if ("code" in error && typeof error.code === "number") return error.code
  return null
}

/**
 * Codes of JetStream's errors that Parti acts upon.
 *
 * @category constants
 * @since 0.1.0
 */
export const codes = {
  noSuitablePeers: 10005,
  unavailable: 10008,
  consumerNotFound: 10014,
  consumerLimit: 10026,
  jetStreamNotEnabledForAccount: 10039,
  messageTooLarge: 10054,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
  wrongLastSequenceInFlight: 10164
} as const

/**
 * Whether an error, or what caused it, bears a name. Names are compared rather than classes: two copies of the library in
 * one process have different classes.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isNamed = (thrown: unknown, ...names: ReadonlyArray<string>): boolean =>
  chain(thrown).some(({ name }) => names.includes(name))

/**
 * The server has answered that it will not do this, or the request never left: nothing was or will be written.
 *
 * **Details**
 *
 * Everything else is open: a time-out, a lost connection, an answer that makes no sense.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isNotApplied = (thrown: unknown): boolean =>
  code(thrown) !== null ||
  isNamed(
    thrown,
    // Nobody listened to the subject, so nobody got the message.
    "JetStreamNotEnabled",
    "NoRespondersError",
    "PermissionViolationError",
    // Thrown before anything is sent.
    "ClosedConnectionError",
    "DrainingConnectionError",
    "InvalidArgumentError",
    "InvalidSubjectError"
  )

/**
 * The permission that was missing, if that is what went wrong.
 *
 * @category accessors
 * @since 0.1.0
 */
export const permission = (thrown: unknown): NatsPermissionDenied | null => {
  const found = chain(thrown).find(({ name }) => name === "PermissionViolationError")
  if (found === undefined || !("subject" in found) || typeof found.subject !== "string") return null
  const operation = "operation" in found && found.operation === "subscription" ? "subscription" : "publish"
  return new NatsPermissionDenied({ operation, subject: found.subject, cause: thrown })
}

/**
 * A short text for people: the code where there is one, and what the library says.
 *
 * @category rendering
 * @since 0.1.0
 */
export const describe = (thrown: unknown): string => {
  const denied = permission(thrown)
  if (denied !== null) return denied.message
  const found = code(thrown)
  const text = thrown instanceof Error ? thrown.message || thrown.name : words(thrown)
  return found === null ? text : `${text}, error ${found}`
}

// It never throws, unlike `String`: whoever tells of a failure must not fail by it.
const words = (thrown: unknown): string => (typeof thrown === "string" ? thrown : format(thrown))

const chain = (thrown: unknown): ReadonlyArray<Error> => {
  const errors: Array<Error> = []
  for (let at = thrown; at instanceof Error && !errors.includes(at); at = at.cause) errors.push(at)
  return errors
}

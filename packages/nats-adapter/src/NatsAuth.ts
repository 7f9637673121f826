/**
 * Who a process is, for the NATS server.
 *
 * **Example** (A password from the environment)
 *
 * ```ts
 * import { NatsAuth } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const given: NatsAuth.PlainAuth = { user: "billing", password: process.env["NATS_PASSWORD"] ?? "" }
 *
 * // From here on no log shows the password, whatever is printed.
 * const auth: NatsAuth.NatsAuth = NatsAuth.redacted(given)
 *
 * const tell = ({ reason }: NatsAuth.NatsAuthInvalid) =>
 *   Effect.logFatal(`${NatsAuth.describe(auth)} cannot be used: ${reason}`)
 * const authenticator = Effect.tapError(NatsAuth.authenticator(auth), tell)
 * ```
 *
 * @since 0.1.0
 */
import type { Authenticator } from "@nats-io/transport-node"
import {
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator
} from "@nats-io/transport-node"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { readFileSync } from "node:fs"

/**
 * One way to prove who one is.
 *
 * **Details**
 *
 * A `credsFile` is read again for each connection, so that new credentials are found at the next reconnect; when it cannot
 * be read then, those it had before are used.
 *
 * @category models
 * @since 0.1.0
 */
export type NatsAuth =
  | { readonly token: Redacted.Redacted }
  | { readonly user: string; readonly password: Redacted.Redacted }
  | { readonly nkeySeed: Redacted.Redacted }
  | { readonly creds: Redacted.Redacted }
  | { readonly credsFile: string }

/**
 * The same, with secrets as texts.
 *
 * @category models
 * @since 0.1.0
 */
export type PlainAuth = Plain<NatsAuth>

// Over each member of the union by itself.
type Plain<A> = A extends unknown ? { readonly [K in keyof A]: A[K] extends Redacted.Redacted ? string : A[K] } : never

/**
 * Wraps the secrets, so that nothing that prints them shows them.
 *
 * @category conversions
 * @since 0.1.0
 */
export const redacted = (auth: PlainAuth): NatsAuth => {
  if ("token" in auth) return { token: Redacted.make(auth.token) }
  if ("user" in auth) return { user: auth.user, password: Redacted.make(auth.password) }
  if ("nkeySeed" in auth) return { nkeySeed: Redacted.make(auth.nkeySeed) }
  return "creds" in auth ? { creds: Redacted.make(auth.creds) } : auth
}

/**
 * The credentials cannot be used as they are.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsAuthInvalid extends Data.TaggedError("NatsAuthInvalid")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/**
 * What is offered to the server, in words that hold no secret.
 *
 * @category rendering
 * @since 0.1.0
 */
export const describe = (auth: NatsAuth | undefined): string => {
  if (auth === undefined) return "a connection without credentials"
  if ("token" in auth) return "the token"
  if ("user" in auth) return `user "${auth.user}" with its password`
  if ("nkeySeed" in auth) return "the NKey"
  return "creds" in auth ? "the credentials" : `the credentials of ${auth.credsFile}`
}

/**
 * What the client library asks for credentials, checked once.
 *
 * **Example**
 *
 * ```ts
 * import { connect } from "@nats-io/transport-node"
 * import { NatsAuth } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const authenticator = await Effect.runPromise(NatsAuth.authenticator({ credsFile: "worker.creds" }))
 * const connection = await connect({ servers: "127.0.0.1:4222", authenticator })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const authenticator = (auth: NatsAuth): Effect.Effect<Authenticator, NatsAuthInvalid> =>
  Effect.gen(function* () {
    const made = yield* make(auth)
    // The library closes a connection for good when this throws at a reconnect; better to know now.
    yield* Effect.try({
      try: () => made("nonce"),
      catch: () => new NatsAuthInvalid({ reason: "they are not of the expected form" })
    })
    return made
  })

const make = (auth: NatsAuth): Effect.Effect<Authenticator, NatsAuthInvalid> => {
  if ("token" in auth) return Effect.succeed(tokenAuthenticator(Redacted.value(auth.token)))
  if ("user" in auth) return Effect.succeed(usernamePasswordAuthenticator(auth.user, Redacted.value(auth.password)))
  if ("nkeySeed" in auth) return Effect.succeed(nkeyAuthenticator(bytes(auth.nkeySeed)))
  if ("creds" in auth) return Effect.succeed(fromText(Redacted.value(auth.creds)))
  return fromFile(auth.credsFile)
}

const encoder = new TextEncoder()

const bytes = (text: Redacted.Redacted): Uint8Array => encoder.encode(Redacted.value(text).trim())

// The library's parser needs the last line to be ended.
const fromText = (text: string): Authenticator => credsAuthenticator(encoder.encode(`${text.trim()}\n`))

const fromFile = (path: string): Effect.Effect<Authenticator, NatsAuthInvalid> =>
  Effect.try({
    try: () => {
      let last = fromText(readFileSync(path, "utf8"))
      return (nonce) => {
        try {
          const fresh = fromText(readFileSync(path, "utf8"))
          const answer = fresh(nonce)
          last = fresh
          return answer
        } catch {
          // Removed or half written at this moment; throwing would close the connection for good.
          return last(nonce)
        }
      }
    },
    catch: () => new NatsAuthInvalid({ reason: "the file cannot be read" })
  })

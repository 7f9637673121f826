/**
 * What every command is told: where the group is, and who asks.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { readFileSync } from "node:fs"
import * as ServerAddress from "../connection/ServerAddress.ts"
import type { NatsAuth } from "../NatsAuth.ts"
import type { NatsConnectionOptions } from "../NatsConnection.ts"
import { UsageInvalid } from "./Failure.ts"

const text = (name: string, variable: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${description} (or ${variable})`),
    Flag.withFallbackConfig(Config.String(variable)),
    Flag.optional
  )

/**
 * The flags of every command. Secrets come from files or the environment, never from the command line, which others can
 * read.
 *
 * @category flags
 * @since 0.1.0
 */
export const flags = {
  server: Flag.String("server").pipe(
    Flag.withAlias("s"),
    Flag.withDescription("Addresses of the NATS servers, separated by commas (or NATS_URL)"),
    Flag.withFallbackConfig(Config.String("NATS_URL")),
    Flag.withDefault("127.0.0.1:4222")
  ),
  group: text("group", "PARTI_GROUP", "The group's name").pipe(Flag.withAlias("g")),
  creds: text("creds", "NATS_CREDS", "A file of credentials"),
  nkey: text("nkey", "NATS_NKEY", "A file with the seed of an NKey"),
  user: text("user", "NATS_USER", "A user, whose password is in --password-file or NATS_PASSWORD"),
  passwordFile: text("password-file", "NATS_PASSWORD_FILE", "A file with the user's password"),
  tokenFile: text("token-file", "NATS_TOKEN_FILE", "A file with a token; NATS_TOKEN may hold the token itself"),
  tlsCa: text("tls-ca", "NATS_CA", "A file with the certificates that the server's is checked against"),
  tlsCert: text("tls-cert", "NATS_CERT", "A file with the certificate to show to the server"),
  tlsKey: text("tls-key", "NATS_KEY", "A file with the key of that certificate"),
  inboxPrefix: text("inbox-prefix", "NATS_INBOX_PREFIX", "Where answers come to, for users who may not use _INBOX"),
  timeout: Flag.Finite("timeout").pipe(
    Flag.withDescription("For how many seconds to wait for a server that does not answer"),
    Flag.withDefault(5)
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("Print JSON, for programs"), Flag.withDefault(false))
}

/**
 * The flags, as they were given.
 *
 * @category models
 * @since 0.1.0
 */
export type Settings = Command.Command.Config.Infer<typeof flags>

/**
 * The name of the group, which most commands need.
 *
 * @category accessors
 * @since 0.1.0
 */
export const group = ({ group: given }: Settings): Effect.Effect<string, UsageInvalid> =>
  Option.match(given, {
    onNone: () => Effect.fail(new UsageInvalid({ reason: "which group? give --group NAME, or set PARTI_GROUP" })),
    onSome: (name) =>
      /^[-\w]+$/.test(name)
        ? Effect.succeed(name)
        : Effect.fail(
            new UsageInvalid({ reason: `--group takes letters, digits, - and _, not ${JSON.stringify(name)}` })
          )
  })

/**
 * How to connect.
 *
 * @category conversions
 * @since 0.1.0
 */
export const connection = (settings: Settings): Effect.Effect<NatsConnectionOptions, UsageInvalid> =>
  Effect.gen(function* () {
    if (!(settings.timeout > 0 && settings.timeout <= longestTimeout)) {
      const reason = `--timeout takes a number of seconds above 0, and no more than ${longestTimeout}`
      return yield* new UsageInvalid({ reason })
    }
    const found = yield* auth(settings)
    const tls = tlsOf(settings)
    const inboxPrefix = Option.getOrUndefined(settings.inboxPrefix)
    return {
      servers: addresses(settings),
      name: "parti command",
      connectTimeout: settings.timeout * 1000,
      ...(found === undefined ? {} : { auth: found }),
      ...(tls === undefined ? {} : { tls }),
      ...(inboxPrefix === undefined ? {} : { inboxPrefix })
    }
  })

/** Timers of this platform take no more milliseconds than 31 bits hold, and fire at once where they are given more. */
const longestTimeout = Math.floor((2 ** 31 - 1) / 1000)

const addresses = ({ server }: Settings): ReadonlyArray<string> => ServerAddress.split(server)

/**
 * Where to connect to, in words that anybody may read: addresses may hold credentials.
 *
 * @category conversions
 * @since 0.1.0
 */
export const shownServer = (settings: Settings): string => ServerAddress.parse(addresses(settings)).servers.join(", ")

const tlsOf = ({ tlsCa, tlsCert, tlsKey }: Settings): NatsConnectionOptions["tls"] => {
  const files = { caFile: tlsCa, certFile: tlsCert, keyFile: tlsKey }
  const given = Object.entries(files).flatMap(([name, file]) => (Option.isSome(file) ? [[name, file.value]] : []))
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

const auth = (settings: Settings): Effect.Effect<NatsAuth | undefined, UsageInvalid> =>
  Effect.gen(function* () {
    const { creds, nkey, passwordFile, tokenFile, user } = settings
    if (Option.isSome(creds)) return { credsFile: creds.value }
    if (Option.isSome(nkey)) return { nkeySeed: yield* secretIn("nkey", nkey.value) }
    if (Option.isSome(user)) {
      const password = Option.isSome(passwordFile)
        ? Option.some(yield* secretIn("password-file", passwordFile.value))
        : yield* variable("NATS_PASSWORD")
      if (Option.isSome(password)) return { user: user.value, password: password.value }
      const reason = `user "${user.value}" needs a password; give --password-file FILE, or set NATS_PASSWORD`
      return yield* new UsageInvalid({ reason })
    }
    if (Option.isSome(tokenFile)) return { token: yield* secretIn("token-file", tokenFile.value) }
    const token = yield* variable("NATS_TOKEN")
    return Option.isSome(token) ? { token: token.value } : undefined
  })

const variable = (name: string): Effect.Effect<Option.Option<Redacted.Redacted>, UsageInvalid> =>
  Effect.mapError(
    Config.option(Config.Redacted(name)),
    () => new UsageInvalid({ reason: `the variable ${name} cannot be read` })
  )

const secretIn = (flag: string, path: string): Effect.Effect<Redacted.Redacted, UsageInvalid> =>
  Effect.try({
    try: () => Redacted.make(readFileSync(path, "utf8").trim()),
    catch: () =>
      new UsageInvalid({ reason: `--${flag}: the file ${path} cannot be read; look at its path and its rights` })
  })

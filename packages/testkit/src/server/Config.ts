/**
 * What a test server is to be like, and the configuration file that makes it so.
 *
 * @since 0.1.0
 */

/**
 * What a user may publish and subscribe to, as the server's `permissions` block has it.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsPermissions {
  readonly publish?: { readonly allow?: ReadonlyArray<string>; readonly deny?: ReadonlyArray<string> }
  readonly subscribe?: { readonly allow?: ReadonlyArray<string>; readonly deny?: ReadonlyArray<string> }
}

/**
 * One who may connect: by user and password, or by the public half of an NKey.
 *
 * @category models
 * @since 0.1.0
 */
export type NatsUser = ({ readonly user: string; readonly password: string } | { readonly nkey: string }) & {
  readonly permissions?: NatsPermissions
}

/**
 * Options of one server. Everything is optional: the default is a server with JetStream that lets everybody in.
 *
 * **Details**
 *
 * - `port`: a fixed one; otherwise a free one below the ephemeral range, which nothing else is given by chance while the
 *   server is down.
 * - `binary`: which `nats-server`; otherwise the one that `NATS_SERVER_BIN` names, the newest in the cache folder, or on the `PATH`.
 * - `configuration`: lines that are added to the configuration file as they are, for what has no option here.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsServerOptions {
  readonly port?: number
  readonly binary?: string
  readonly jetStream?: boolean
  readonly token?: string
  readonly users?: ReadonlyArray<NatsUser>
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile?: string }
  readonly configuration?: string
}

/**
 * What is known of one server only when it is about to start.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsServerPlace {
  readonly name: string
  readonly port: number
  readonly monitorPort: number
  readonly directory: string
  readonly cluster?: { readonly name: string; readonly port: number; readonly routes: ReadonlyArray<number> }
}

/**
 * The configuration file of one server.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (options: NatsServerOptions, place: NatsServerPlace): string =>
  [
    `server_name: ${quote(place.name)}`,
    `listen: "127.0.0.1:${place.port}"`,
    `http: "127.0.0.1:${place.monitorPort}"`,
    ...(options.jetStream === false ? [] : [`jetstream { store_dir: ${quote(`${place.directory}/jetstream`)} }`]),
    ...authorization(options),
    ...tls(options),
    ...cluster(place),
    ...(options.configuration === undefined ? [] : [options.configuration]),
    ""
  ].join("\n")

// JSON's strings are strings of the configuration language too.
const quote = (text: string): string => JSON.stringify(text)

const authorization = ({ token, users }: NatsServerOptions): ReadonlyArray<string> => {
  if (token !== undefined) return [`authorization { token: ${quote(token)} }`]
  return users === undefined ? [] : ["authorization { users: [", ...users.map((user) => `  ${quoteUser(user)}`), "] }"]
}

const quoteUser = (user: NatsUser): string => JSON.stringify(user)

const tls = ({ tls: files }: NatsServerOptions): ReadonlyArray<string> => {
  if (files === undefined) return []
  const ca = files.caFile === undefined ? [] : [`  ca_file: ${quote(files.caFile)}`, "  verify: true"]
  return ["tls {", `  cert_file: ${quote(files.certFile)}`, `  key_file: ${quote(files.keyFile)}`, ...ca, "}"]
}

const cluster = ({ cluster: own }: NatsServerPlace): ReadonlyArray<string> => {
  if (own === undefined) return []
  const routes = own.routes.map((port) => quote(`nats://127.0.0.1:${port}`))
  return [
    "cluster {",
    `  name: ${quote(own.name)}`,
    `  listen: "127.0.0.1:${own.port}"`,
    `  routes: [${routes.join(", ")}]`,
    "}"
  ]
}

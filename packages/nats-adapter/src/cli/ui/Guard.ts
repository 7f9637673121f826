/**
 * Which requests the dashboard answers at all.
 *
 * @since 0.1.0
 */
import { timingSafeEqual } from "node:crypto"
import { isIP } from "node:net"

/**
 * What is looked at. Header names are in lower case.
 *
 * @category models
 * @since 0.1.0
 */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
}

/**
 * What a server lets pass. `token` is `null` where no orders are taken.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rules {
  /** The name that the server was told to listen on: the one name, besides `localhost`, that it answers to. */
  readonly host: string
  readonly token: string | null
}

/**
 * Why a request is not answered.
 *
 * @category models
 * @since 0.1.0
 */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 405
  readonly reason: string
  /** The methods that are allowed, where it is for the method. */
  readonly allow?: string
}

const orders = "/orders/"

/**
 * Refuses what must not be answered; `null` for what may be.
 *
 * **Details**
 *
 * - A page elsewhere whose name was made to lead here is told by the `Host` that its browser sends: only numeric addresses,
 *   `localhost` and the server's own name are answered.
 * - What other sites ask for is refused, but for the page itself, which links may lead to. They could read nothing anyway: no
 *   header permits it.
 * - An order needs `--allow-actions`, comes from the page itself by its `Origin`, and bears the token that was printed.
 *
 * @category predicates
 * @since 0.1.0
 */
export const refusal = (asked: Asked, rules: Rules): Refusal | null => {
  const host = header(asked, "host")
  if (host === undefined || !isOwnName(host, rules)) {
    const reason = `this server is not called that; open it as localhost, or by its address`
    return { status: 403, reason }
  }
  const site = header(asked, "sec-fetch-site")
  if (asked.path !== "/" && site !== undefined && site !== "same-origin" && site !== "none") {
    return { status: 403, reason: "only the dashboard's own page may ask for this" }
  }
  return asked.path.startsWith(orders) ? orderRefusal(asked, host, rules) : readRefusal(asked)
}

const header = ({ headers }: Asked, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === "string" ? value : undefined
}

const isOwnName = (host: string, { host: own }: Rules): boolean => {
  const name = host.replace(/:\d+$/, "").toLowerCase()
  return name === "localhost" || name === own.toLowerCase() || isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0
}

const readRefusal = ({ method }: Asked): Refusal | null =>
  method === "GET" || method === "HEAD"
    ? null
    : { status: 405, reason: "this can only be read: use GET", allow: "GET, HEAD" }

const orderRefusal = (asked: Asked, host: string, { token }: Rules): Refusal | null => {
  if (asked.method !== "POST") return { status: 405, reason: "orders are given with POST", allow: "POST" }
  if (token === null) return { status: 403, reason: "this dashboard is read-only; start it with --allow-actions" }
  if (header(asked, "origin") !== `http://${host}`) {
    return { status: 403, reason: "orders are taken from the dashboard's own page alone" }
  }
  const [, given = ""] = /^Bearer (.+)$/.exec(header(asked, "authorization") ?? "") ?? []
  return isSame(given, token)
    ? null
    : { status: 401, reason: "the token is missing or wrong; open the address that `parti ui` printed" }
}

/** In the same time whatever is given. */
const isSame = (given: string, token: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}

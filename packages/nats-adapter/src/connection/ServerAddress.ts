/**
 * Addresses of servers, as users write them.
 *
 * @since 0.1.0
 */
import * as Redacted from "effect/Redacted"
import type { NatsAuth } from "../NatsAuth.ts"

/**
 * Addresses that may be shown to anybody, and the credentials that one of them held.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerAddresses {
  readonly servers: ReadonlyArray<string>
  readonly auth: NatsAuth | undefined
}

const scheme = /^\w+:\/\//

/**
 * Takes apart a list of addresses with commas between them.
 *
 * **Details**
 *
 * Passwords have commas, too. What has no `@` is taken for the beginning of the credentials that end with the next one, unless a
 * scheme begins an address in between: better a list that is misread than half a password that is shown.
 *
 * @category conversions
 * @since 0.1.0
 */
export const split = (list: string): ReadonlyArray<string> => {
  const addresses: Array<string> = []
  let open: Array<string> = []
  for (const part of list.split(",")) {
    if (scheme.test(part.trim())) {
      addresses.push(...open)
      open = []
    }
    open.push(part)
    if (part.includes("@")) {
      addresses.push(open.join(","))
      open = []
    }
  }
  return [...addresses, ...open].map((address) => address.trim())
}

/**
 * Takes the credentials out of the addresses, which end up in messages.
 *
 * @category conversions
 * @since 0.1.0
 */
export const parse = (servers: string | ReadonlyArray<string>): ServerAddresses => {
  const parts = (typeof servers === "string" ? [servers] : servers).map((server) => {
    const address = server.replace(scheme, "")
    const at = address.lastIndexOf("@")
    return { host: address.slice(at + 1), userInfo: address.slice(0, Math.max(at, 0)) }
  })
  const userInfo = parts.find((part) => part.userInfo !== "")?.userInfo
  return {
    servers: parts.map(({ host }) => `nats://${host}`),
    auth: userInfo === undefined ? undefined : auth(userInfo)
  }
}

const auth = (userInfo: string): NatsAuth => {
  const [first = "", ...rest] = userInfo.split(":").map(decoded)
  return rest.length === 0 ? { token: Redacted.make(first) } : { user: first, password: Redacted.make(rest.join(":")) }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not encoded, then, but with a percent sign of its own.
    return text
  }
}

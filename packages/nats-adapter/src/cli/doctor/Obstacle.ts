/**
 * What keeps the doctor from looking any further, as a finding.
 *
 * @since 0.1.0
 */
import type { Failure } from "../Failure.ts"
import type { Finding } from "./Finding.ts"

const names: Readonly<Partial<Record<Failure["_tag"], string>>> = {
  NatsUnreachable: "unreachable",
  NatsConnectionClosed: "unreachable",
  StoreUnavailable: "unreachable",
  NatsCredentialsRefused: "credentials",
  NatsPermissionDenied: "permissions",
  NatsWithoutJetStream: "jetstream",
  NatsServerTooOld: "server-too-old",
  StoreMisconfigured: "bucket-settings",
  GroupMissing: "group-missing"
}

/**
 * The checks that find obstacles, by name, and what they look for.
 *
 * @category constants
 * @since 0.1.0
 */
export const checks: ReadonlyArray<{ readonly name: string; readonly looksFor: string }> = [
  { name: "unreachable", looksFor: "no server answers" },
  { name: "credentials", looksFor: "the server does not accept the credentials" },
  { name: "permissions", looksFor: "the user lacks a permission" },
  { name: "jetstream", looksFor: "the server or the account has no JetStream" },
  { name: "server-too-old", looksFor: "the server lacks what Parti needs" },
  { name: "group-missing", looksFor: "there is no such group" }
]

/**
 * A failure as a finding. Messages of failures end with what to do, after the last semicolon.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (failure: Failure): Finding => {
  const { message } = failure
  const at = message.lastIndexOf("; ")
  return {
    check: names[failure._tag] ?? failure._tag,
    severity: "error",
    problem: at < 0 ? message : message.slice(0, at),
    cure: at < 0 ? "look at the server's log" : message.slice(at + 2)
  }
}

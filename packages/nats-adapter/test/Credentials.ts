/** An operator with one account and one user, as `nsc` would make them. */
import { nkeys } from "@nats-io/transport-node"

export interface Credentials {
  /** What goes into the server's configuration. */
  readonly configuration: string
  /** The contents of the user's credentials file. */
  readonly creds: string
}

type KeyPair = ReturnType<typeof nkeys.createUser>

const base64Url = (value: object | Uint8Array): string =>
  Buffer.from(value instanceof Uint8Array ? value : JSON.stringify(value)).toString("base64url")

const jwt = (issuer: KeyPair, subject: KeyPair, nats: object): string => {
  const claims = { jti: "test", iat: 1, iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: "test", nats }
  const body = `${base64Url({ typ: "JWT", alg: "ed25519-nkey" })}.${base64Url(claims)}`
  return `${body}.${base64Url(issuer.sign(new TextEncoder().encode(body)))}`
}

export const make = (): Credentials => {
  const [operator, user] = [nkeys.createOperator(), nkeys.createUser()]
  const [account, systemAccount] = [nkeys.createAccount(), nkeys.createAccount()]
  const unlimited = { subs: -1, data: -1, payload: -1 }
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }
  const noStorage = { mem_storage: 0, disk_storage: 0 }
  const limits = { ...unlimited, ...storage, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
  const operatorJwt = jwt(operator, operator, { type: "operator", version: 2 })
  const accountJwt = jwt(operator, account, { type: "account", version: 2, limits })
  const systemJwt = jwt(operator, systemAccount, { type: "account", version: 2, limits: { ...limits, ...noStorage } })
  const userJwt = jwt(account, user, { type: "user", version: 2, pub: {}, sub: {}, ...unlimited })
  const preload = [`${account.getPublicKey()}: "${accountJwt}"`, `${systemAccount.getPublicKey()}: "${systemJwt}"`]
  const seed = new TextDecoder().decode(user.getSeed())
  return {
    configuration: [
      `operator: "${operatorJwt}"`,
      `system_account: ${systemAccount.getPublicKey()}`,
      "resolver: MEMORY",
      "resolver_preload {",
      ...preload,
      "}"
    ].join("\n"),
    creds: [
      ["-----BEGIN NATS USER JWT-----", userJwt, "------END NATS USER JWT------", ""],
      ["-----BEGIN USER NKEY SEED-----", seed, "------END USER NKEY SEED------", ""]
    ]
      .flat()
      .join("\n")
  }
}

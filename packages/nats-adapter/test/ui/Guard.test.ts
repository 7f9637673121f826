import { assert, describe, it } from "vitest"
import * as Guard from "../../src/cli/ui/Guard.ts"

const host = "127.0.0.1:4280"
const open: Guard.Rules = { host: "127.0.0.1", token: "s3cret" }
const readOnly: Guard.Rules = { host: "127.0.0.1", token: null }

const read = (headers: Guard.Asked["headers"], path = "/state", method = "GET"): Guard.Asked => ({
  method,
  path,
  headers: { host, ...headers }
})

const order = (headers: Guard.Asked["headers"] = {}, method = "POST"): Guard.Asked => ({
  method,
  path: "/orders/pause",
  headers: { host, origin: `http://${host}`, authorization: "Bearer s3cret", ...headers }
})

const statusOf = (asked: Guard.Asked, rules = open) => Guard.refusal(asked, rules)?.status ?? 200

describe("The guard of the dashboard", () => {
  it.each(["127.0.0.1:4280", "localhost:4280", "LOCALHOST", "[::1]:4280", "10.1.2.3:80"])(
    "answers to %s, which no stranger's name can be",
    (name) => assert.strictEqual(statusOf(read({ host: name })), 200)
  )

  it.each(["evil.example", "evil.example:4280", "127.0.0.1.evil.example", "localhost.evil.example:4280", "", "::1.x"])(
    "does not answer to the name %j, which a stranger may have made to lead here",
    (name) => assert.strictEqual(statusOf(read({ host: name })), 403)
  )

  it("answers to nobody who does not say whom he asks", () => {
    assert.strictEqual(statusOf(read({ host: undefined })), 403)
  })

  it("answers to the name that it was told to listen on, and to no other", () => {
    const rules = { host: "ops.internal", token: null }
    assert.strictEqual(statusOf(read({ host: "ops.internal:4280" }), rules), 200)
    assert.strictEqual(statusOf(read({ host: "dev.internal:4280" }), rules), 403)
  })

  it("gives other sites nothing but the page itself, which links may lead to", () => {
    for (const site of ["cross-site", "same-site"]) {
      assert.strictEqual(statusOf(read({ "sec-fetch-site": site })), 403)
      assert.strictEqual(statusOf(read({ "sec-fetch-site": site }, "/")), 200)
    }
    for (const site of ["same-origin", "none", undefined])
      assert.strictEqual(statusOf(read({ "sec-fetch-site": site })), 200)
  })

  it("lets everything but orders be read only, and orders be given only", () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      assert.deepInclude(Guard.refusal(read({}, "/state", method), open), { status: 405, allow: "GET, HEAD" })
    }
    for (const method of ["GET", "HEAD", "PUT", "OPTIONS"])
      assert.deepInclude(Guard.refusal(order({}, method), open), { status: 405, allow: "POST" })
  })

  it("takes an order from the page itself, with the token", () => {
    assert.isNull(Guard.refusal(order(), open))
  })

  it("takes none where it is read-only, whatever comes with it", () => {
    assert.strictEqual(statusOf(order(), readOnly), 403)
    assert.include(Guard.refusal(order(), readOnly)?.reason, "--allow-actions")
  })

  it.each([undefined, "null", "http://evil.example", "https://127.0.0.1:4280", "http://127.0.0.1:4281", ""])(
    "takes none from a page of the origin %j",
    (origin) => assert.strictEqual(statusOf(order({ origin })), 403)
  )

  it.each([undefined, "", "Bearer ", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret"])(
    "takes none with the authorization %j",
    (authorization) => assert.strictEqual(statusOf(order({ authorization })), 401)
  )

  it("tells the token to nobody", () => {
    for (const asked of [order({ authorization: "Bearer no" }), order({ origin: "http://x" }), read({ host: "x.y" })])
      assert.notInclude(JSON.stringify(Guard.refusal(asked, open)), "s3cret")
  })
})

import { assert, describe, it } from "@effect/vitest"
import type { DeliveryInfo, JsMsg } from "@nats-io/jetstream"
import * as fc from "fast-check"
import * as Received from "../src/consume/Received.ts"

const info: DeliveryInfo = {
  domain: "",
  account_hash: "",
  stream: "EV",
  consumer: "c",
  deliveryCount: 1,
  redelivered: false,
  streamSequence: 2,
  deliverySequence: 3,
  timestampNanos: 4,
  pending: 5
}

const asLibrary = { attempts: 1, sequence: 2, delivery: 3, pending: 5 }

/** A message of the library, as far as it is looked at here. */
const message = (reply: string): JsMsg => ({ reply, info }) as unknown as JsMsg

/** One whose numbers the library must not be asked for. */
const dear = (reply: string): JsMsg =>
  ({
    reply,
    get info(): DeliveryInfo {
      throw new Error("the library reads the whole subject")
    }
  }) as unknown as JsMsg

const read = Received.reader("EV", "c")

describe("what the server says of a delivery", () => {
  it("is read from the reply subject, without the library's help", () => {
    const natural = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(natural, natural, natural, natural, natural, (attempts, sequence, delivery, time, pending) => {
        const reply = `$JS.ACK.EV.c.${attempts}.${sequence}.${delivery}.${time}.${pending}`
        assert.deepStrictEqual(read(dear(reply)), { attempts, sequence, delivery, pending })
      })
    )
  })

  it("is left to the library where the subject has another form", () => {
    const others = [
      "",
      "$JS.ACK.EV.c.9.9.9.9",
      "$JS.ACK.EV.c.9.9.9.9.",
      "$JS.ACK.EV.c.9.9.9.9.9.token",
      "$JS.ACK.EV.c.9.x.9.9.9",
      "$JS.ACK.EV.c.9..9.9.9",
      "$JS.ACK.EV.c.-9.9.9.9.9",
      "$JS.ACK.EV.other.9.9.9.9.9",
      "$JS.ACK._.hash.EV.c.9.9.9.9.9.token",
      "_INBOX.9.9.9.9.9"
    ]
    for (const reply of others) assert.deepStrictEqual(read(message(reply)), asLibrary, reply)
  })

  it("names the subject to acknowledge under, and none where the library's message has none", () => {
    assert.strictEqual(Received.replyOf(message("$JS.ACK.EV.c.1.2.3.4.5")), "$JS.ACK.EV.c.1.2.3.4.5")
    assert.strictEqual(Received.replyOf({ info } as unknown as JsMsg), "")
  })
})

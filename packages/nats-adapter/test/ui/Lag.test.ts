import { assert, describe, it } from "vitest"
import * as ConsumerName from "../../src/consume/ConsumerName.ts"
import * as Lag from "../../src/cli/ui/Lag.ts"

const list = { version: 7, ids: ["a", "b", "c"], weights: 1 }

const consumer = (consumption: string, id: string, token: number, pending: number, unacknowledged = 0): Lag.Told => ({
  name: ConsumerName.render(ConsumerName.prefix(consumption, id), { token, run: 1 }),
  num_pending: pending,
  num_ack_pending: unacknowledged
})

describe("The lag of partitions", () => {
  it("is what their consumers have not handled yet, handed out or not; unknown where there is none", () => {
    const told = [consumer("orders", "a", 1, 5, 1), consumer("orders", "c", 1, 0)]
    assert.deepStrictEqual(Lag.of("ORDERS", "orders", list, told), {
      stream: "ORDERS",
      version: 7,
      waiting: [6, null, 0]
    })
  })

  it("is that of the newest owner's consumer, in whatever order they are told", () => {
    const told = [consumer("orders", "a", 9, 5), consumer("orders", "a", 10, 2), consumer("orders", "a", 1, 8)]
    for (const each of [told, told.toReversed()])
      assert.deepStrictEqual(Lag.of("ORDERS", "orders", list, each).waiting, [2, null, null])
  })

  it("is not that of another consumption of the stream, nor of consumers that are no partition's", () => {
    const told = [consumer("billing", "a", 1, 5), { name: "audit", num_pending: 3, num_ack_pending: 0 }]
    assert.deepStrictEqual(Lag.of("ORDERS", "orders", list, told).waiting, [null, null, null])
  })
})

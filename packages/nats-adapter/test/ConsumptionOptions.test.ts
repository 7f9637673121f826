import { ConsumptionInvalid } from "@parti/nats-adapter/ConsumptionError"
import type { JetStreamPartitionsOptions } from "@parti/nats-adapter/JetStreamPartitions"
import * as Partition from "@parti/core/Partition"
import { Effect, Result } from "effect"
import { inspect } from "node:util"
import { assert, describe, it } from "vitest"
import * as ConsumptionOptions from "../src/consume/ConsumptionOptions.ts"

const good: JetStreamPartitionsOptions<never, never> = {
  stream: "ORDERS",
  name: "billing",
  subject: "orders.{id}.>",
  handler: () => Effect.void
}

const long = "a".repeat(300)

/** For each option, what is refused. */
const refused: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  stream: ["", "a.b", "a*", ">", "a b", "a\tb", "a\u0000", "a/b", "a\\b", long, null, 7],
  name: ["", "a.b", "a+b", "a b", "*", ">", "a~", "ä", "a".repeat(65), "a\n", undefined],
  subject: [
    "",
    "orders",
    "orders.>",
    "orders..{id}",
    "orders.{id} ",
    "orders.{id}.",
    "orders.{id}.>.a",
    "orders.a*{id}",
    "orders.{id}\u0007",
    "orders.{name}",
    "orders.{id",
    "orders.{100}",
    `${long}.${long}.{id}`,
    undefined,
    7
  ],
  handler: [undefined, "a"],
  startFrom: ["last", "new", { sequence: 0 }, { sequence: 1.5 }, { time: new Date("no") }, { time: "now" }, {}, null],
  concurrency: [0, -1, 1.5, Number.NaN, 10_001, Number.POSITIVE_INFINITY, "1"],
  prefetch: [0, -1, 1.5, Number.NaN, 10_001, Number.POSITIVE_INFINITY],
  ackWait: [0, 99, -1, Number.NaN, "soon", "2 days", Number.POSITIVE_INFINITY, null],
  maxDeliver: [0, -1, 1.5, Number.NaN, "5"],
  backoff: [[], [-1], [Number.NaN], ["2 days"], [0, null], Array.from({ length: 101 }, () => 1), 5],
  deadLetterSubject: ["", "dead.*", "dead.>", "dead letter", "dead.", "dead\r\n", `${long}${long}`, 7],
  maxConsumers: ["raised", true],
  forgetAfter: [-1, "never", Number.NaN],
  sweepEvery: [0, 99, "2 days", Number.POSITIVE_INFINITY]
}

const cases = Object.entries(refused).flatMap(([field, values]) =>
  values.map((value) => ({ field, value, shown: inspect(value).slice(0, 60) }))
)

describe("The options of a consumption", () => {
  it.each(cases)("are refused with $field $shown, and the field and its rule are named", ({ field, value }) => {
    const result = ConsumptionOptions.parse({ ...good, [field]: value })
    assert.isTrue(Result.isFailure(result))
    if (!Result.isFailure(result)) return
    assert.deepStrictEqual(
      result.failure.broken.map((one) => [one.field, one.value]),
      [[field, value]]
    )
    assert.match(result.failure.message, new RegExp(`\\n- ${field} `))
    assert.isBelow(result.failure.message.split("\n").length, 3, "a value forges no line of a log")
  })

  it("are all told at once", () => {
    const result = ConsumptionOptions.parse({ ...good, name: "a b", concurrency: 0, ackWait: 1 })
    assert.instanceOf(Result.isFailure(result) ? result.failure : null, ConsumptionInvalid)
    assert.sameMembers(Result.isFailure(result) ? result.failure.broken.map(({ field }) => field) : [], [
      "name",
      "concurrency",
      "ackWait"
    ])
  })

  it("hold at least as many messages as are handled at a time", () => {
    const settings = Result.getOrThrow(ConsumptionOptions.parse({ ...good, concurrency: 500 }))
    assert.strictEqual(settings.prefetch, 500)
    const result = ConsumptionOptions.parse({ ...good, concurrency: 500, prefetch: 10 })
    assert.isTrue(Result.isFailure(result))
  })
})

const subjectsFor = (subject: JetStreamPartitionsOptions<never, never>["subject"], keys: ReadonlyArray<string>) => {
  const partition = { keys, weight: 1 }
  const { subjects } = Result.getOrThrow(ConsumptionOptions.parse({ ...good, subject }))
  return subjects(Partition.id(partition), partition)
}

describe("The subject of a partition", () => {
  it.each(["*", ">", "", "a.b", "a.>", "a b", "a\r\nPUB x 0", "a\u0000", "\u2028", "*.x"])(
    "is refused where key %j would widen or break it, and legal by id",
    (key) => {
      const byKey = subjectsFor("orders.{0}.>", [key])
      assert.isTrue(Result.isFailure(byKey))
      if (Result.isFailure(byKey)) assert.deepInclude(byKey.failure.broken[0], { field: "keys", value: [key] })
      const [subject = ""] = Result.getOrThrow(subjectsFor("orders.{id}.>", [key]))
      assert.match(subject, /^orders\.[\w=-]+\.>$/)
    }
  )

  it("is refused where it names a key that is not there", () => {
    assert.isTrue(Result.isFailure(subjectsFor("orders.{1}", ["eu"])))
  })

  it("is not filled twice", () => {
    assert.deepStrictEqual(Result.getOrThrow(subjectsFor("orders.{0}.{1}", ["{1}", "eu"])), ["orders.{1}.eu"])
  })

  it.each<string | ReadonlyArray<string>>([[], "", "a..b", ["a", ""], "a b", "a.>.b", `${long}.${long}`])(
    "is refused when a function gives %j",
    (given) => assert.isTrue(Result.isFailure(subjectsFor(() => given, ["eu"])))
  )

  it("may be several, with wildcards, when a function gives them", () => {
    const found = subjectsFor(({ keys: [key = ""] }) => [`a.${key}.*`, `b.${key}.>`], ["eu"])
    assert.deepStrictEqual(Result.getOrThrow(found), ["a.eu.*", "b.eu.>"])
  })
})

import { assert, describe, it } from "@effect/vitest"
import { id as idOf, make as makePartition } from "@parti/core/Partition"
import { Result } from "effect"
import * as ConsumerName from "../../src/consume/ConsumerName.ts"
import * as Orphans from "../../src/consume/Orphans.ts"
import * as Settings from "../../src/consume/Settings.ts"
import * as Subjects from "../../src/consume/Subjects.ts"
import { ConsumptionInvalid } from "../../src/ConsumptionError.ts"
import * as HashedPartitions from "../../src/HashedPartitions.ts"

const good: Settings.SettingsInput = { stream: "ORDERS", name: "billing", subject: "orders.{id}.>" }

const strangeNames = ["", "a.b", "a b", "*", ">", "a+b", "a\u0000", "ä", "x".repeat(65), "a\n"]
const strangeSubjects = [
  "",
  ".",
  "a..b",
  "a b",
  "a.",
  ".a",
  "a>",
  "a.>.b",
  "a*",
  "a.\u0007",
  "a.ä",
  `a.${"x".repeat(300)}`
]

const wrong: Readonly<Record<keyof Settings.SettingsInput, ReadonlyArray<unknown>>> = {
  stream: strangeNames,
  name: strangeNames,
  subject: strangeSubjects,
  startFrom: [{ sequence: 0 }, { sequence: 1.5 }, { time: new Date(Number.NaN) }],
  concurrency: [0, -1, 1.5, 65, Number.NaN],
  prefetch: [0, 10_001, 2.5],
  ackWait: [0, 99, -1, "soon", 86_400_001, Number.NaN],
  maxDeliver: [0, -1, 1.5],
  backoff: [[], [-1], ["never"], [100, Number.NaN]],
  deadLetterSubject: [...strangeSubjects, "dead.*", "dead.>"],
  maxConsumers: ["ignore", true],
  orphanGrace: [0, "later"]
}

describe("The options of a consumption", () => {
  it.each(Object.entries(wrong))("are refused where %s breaks its rule, by name", (option, values) => {
    for (const value of values) {
      const result = Settings.parse({ ...good, [option]: value })
      if (Result.isSuccess(result)) return assert.fail(`${option} ${JSON.stringify(value)} was accepted`)
      assert.strictEqual(result.failure.option.split(".")[0], option)
      assert.include(result.failure.message, "it takes")
    }
  })

  it("have defaults", () => {
    assert.deepInclude(Result.getOrThrow(Settings.parse(good)), {
      startFrom: "first",
      concurrency: 1,
      prefetch: 64,
      ackWaitMs: 30_000,
      maxDeliver: Number.POSITIVE_INFINITY,
      deadLetterSubject: null,
      mayRaise: false,
      orphanGraceMs: 3_600_000
    })
  })
})

const partition = (...keys: ReadonlyArray<string>) => Result.getOrThrow(makePartition({ keys }))

describe("The subjects of a partition", () => {
  it("are filled into a template, token by token", () => {
    const of = (template: string, ...keys: ReadonlyArray<string>) =>
      Result.getOrThrow(Subjects.of(template, partition(...keys)))
    assert.deepStrictEqual(of("orders.{id}.>", "eu"), ["orders.eu.>"])
    assert.deepStrictEqual(of("tools.{0}.{1}", "t1", "c2"), ["tools.t1.c2"])
    assert.deepStrictEqual(of("a.{id}", "x y"), ["a.x=20y"], "an id escapes what a subject cannot carry")
    assert.deepStrictEqual(of("a.{id}", ">"), ["a.=3e"])
  })

  it.each([["*"], [">"], ["eu.*"], ["eu.us"], ["a b"], [""], ["\u0000"], ["ä"], ["x".repeat(250)]])(
    "cannot be widened by the key %j",
    (key) => {
      const result = Subjects.of("orders.{0}.new", partition(key))
      if (Result.isSuccess(result)) return assert.fail(`gave ${result.success.join()}`)
      assert.instanceOf(result.failure, ConsumptionInvalid)
      assert.strictEqual(result.failure.option, "subject")
    }
  )

  it("are refused where a key is missing, or a function gives none or a strange one", () => {
    for (const option of ["a.{7}", () => [], () => "", () => ["a", "b c"]]) {
      assert.isTrue(Result.isFailure(Subjects.of(option, partition("eu"))))
    }
    assert.deepStrictEqual(Result.getOrThrow(Subjects.of(() => ["a.*", "b.>"], partition("eu"))), ["a.*", "b.>"])
  })
})

describe("Hashed partitions", () => {
  const options = { count: 16, source: "orders.*.*", by: [1], prefix: "hashed" }

  it.each([
    ["count", { count: 0 }],
    ["count", { count: 1.5 }],
    ["source", { source: "orders..*" }],
    ["prefix", { prefix: "a.>" }],
    ["prefix", { prefix: "" }],
    ["by", { by: [] }],
    ["by", { by: [3] }],
    ["by", { by: [0] }]
  ] as const)("are refused where %s breaks its rule: %j", (option, change) => {
    try {
      HashedPartitions.make({ ...options, ...change })
    } catch (error) {
      assert.instanceOf(error, ConsumptionInvalid)
      return assert.strictEqual(error.option, option)
    }
    assert.fail("was accepted")
  })
})

describe("Orphans", () => {
  const nameOf = (consumption: string, id: string, token: number) =>
    ConsumerName.render(ConsumerName.prefix(consumption, id), { token, run: 1 })

  it("are the consumers of this consumption whose partitions are not listed, and no others", () => {
    const long = "k".repeat(240)
    const orphans = [nameOf("billing", "us", 7), nameOf("billing", "us.new", 7)]
    const names = [
      ...orphans,
      nameOf("billing", "eu", 1),
      nameOf("billing", long, 3),
      nameOf("billing2", "us", 7),
      nameOf("bill", "us", 7),
      "billing",
      "billing+us",
      "somebody-else"
    ]
    const ids = [partition("eu"), partition("us", "old"), partition(long)].map(idOf)
    assert.deepStrictEqual(Orphans.among(names, "billing", ids), orphans)
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import { Effect } from "effect"
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as JournalReader from "../../src/fleet/JournalReader.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "parti-journal-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true }))
)

const reading = Effect.gen(function* () {
  const directory = yield* folder
  const reader = yield* Effect.acquireRelease(
    Effect.sync(() => JournalReader.make(directory)),
    ({ close }) => Effect.sync(close)
  )
  return { reader, file: (by: string) => join(directory, `${by}.ndjson`) }
})

const began = (partition: string) => ({ _tag: "RunBegan", partition, token: 7 }) as const

describe("A journal", () => {
  it.effect("is read while it is written, each line once, several by time", () =>
    Effect.gen(function* () {
      const { file, reader } = yield* reading
      const [one, two] = [FleetJournal.open(file("one")), FleetJournal.open(file("two"))]
      const times = [two.write(began("1")), one.write(began("2")), two.write(began("3"))] as const
      const records = yield* reader.read
      assert.deepStrictEqual(
        records.map(({ at, by, entry }) => [at, by, entry]),
        [
          [times[0], "two", began("1")],
          [times[1], "one", began("2")],
          [times[2], "two", began("3")]
        ]
      )
      assert.deepStrictEqual(yield* reader.read, [])
      one.write({ _tag: "Stopped" })
      assert.deepStrictEqual(
        (yield* reader.read).map(({ entry }) => entry),
        [{ _tag: "Stopped" }]
      )
      one.close()
      two.close()
    })
  )

  it.effect("may end in the middle of a line, which is read when it is complete", () =>
    Effect.gen(function* () {
      const { file, reader } = yield* reading
      const line = FleetJournal.render(began("ü"), 5)
      const bytes = Buffer.from(line)
      // In the middle of a letter.
      const cut = bytes.indexOf(Buffer.from("ü")) + 1
      writeFileSync(file("one"), Buffer.concat([bytes, bytes.subarray(0, cut)]))
      assert.lengthOf(yield* reader.read, 1)
      assert.deepStrictEqual(reader.torn(), ["one"])
      appendFileSync(file("one"), bytes.subarray(cut))
      assert.deepStrictEqual(yield* reader.read, [{ at: 5, by: "one", entry: began("ü") }])
      assert.deepStrictEqual(reader.torn(), [])
    })
  )

  it.effect.each([
    "no JSON",
    "{}",
    `{"at":1}`,
    `{"at":"1","_tag":"Stopped"}`,
    `{"_tag":"Stopped"}`,
    `{"at":1,"_tag":"Unheard"}`,
    `{"at":1,"_tag":"RunBegan","partition":"p"}`,
    "null",
    ""
  ])("is refused for a whole line that is no event: %s", (line) =>
    Effect.gen(function* () {
      const { file, reader } = yield* reading
      writeFileSync(file("one"), `${FleetJournal.render({ _tag: "Stopped" }, 1)}${line}\n`)
      const error = yield* Effect.flip(reader.read)
      assert.deepInclude(error, { _tag: "JournalUnreadable", journal: "one", line })
    })
  )
})

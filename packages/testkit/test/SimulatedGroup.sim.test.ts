import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import * as SimulatedGroup from "../src/SimulatedGroup.ts"
import * as Seeds from "./simulation/Seeds.ts"

type Handler = (context: SimulatedGroup.PromiseContext) => Promise<void>

/** Handles each message, then acknowledges it, until the signal. */
const careful: Handler = async ({ ack, take, write }) => {
  for (let message = await take(); message !== null; message = await take()) {
    await write(message)
    await ack(message)
  }
}

const stormy = { crashes: 2, pauses: 2, restarts: 1, drains: 1, outages: 1, joins: 2 }

const findings = async (options: Omit<SimulatedGroup.Options, "seed">, seed = 1) =>
  (await SimulatedGroup.run({ ...options, seed })).findings.join("\n")

describe("A group of real workers in a storm", () => {
  it.each(Seeds.fromEnv({ count: 12 }))(
    "runs nothing twice, loses nothing and comes to rest (SIM_SEED=%i)",
    async (seed) => {
      const [report] = await SimulatedGroup.check({ handler: careful }, [seed])
      assert.isAbove(report?.work?.handled ?? 0, 1000, "a run that does nothing tests nothing")
      assert.deepStrictEqual(report?.leaks, { fibers: 0, sleepers: 0, watches: 0 })
    }
  )

  it.each(["sole", "crowd"])("has as much to do with more partitions or fewer (%s)", async (size) => {
    const [workers, partitions] = size === "sole" ? [1, 3] : [6, 3]
    await SimulatedGroup.check({ handler: careful, workers, partitions, storm: stormy }, [5])
  })

  it("lives through the loss of what is in the store", async () => {
    const reports = await SimulatedGroup.check({ handler: careful, storm: { wipes: 3, crashes: 1 } }, [1, 2, 3])
    const losses = new Set(reports.flatMap(({ blows }) => blows).map((blow) => blow.replace(/^\d+ ms: /, "")))
    assert.includeMembers(
      [...losses],
      ["live", "plan"].map((what) => `the store loses what is in ${what}`)
    )
  })

  it("gives the same report for the same seed", async () => {
    const [first, again] = [
      await SimulatedGroup.run({ handler: careful, seed: 3 }),
      await SimulatedGroup.run({ handler: careful, seed: 3 })
    ]
    assert.deepStrictEqual(again, first)
    const other = await SimulatedGroup.run({ handler: careful, seed: 4 })
    assert.notDeepEqual(other.blows, first.blows)
  })

  it("takes handlers that are Effects, and lets them drain", async () => {
    const handler = SimulatedGroup.effectHandler(
      ({ ack, revoked, take, write }) =>
        Effect.gen(function* () {
          const one = Effect.gen(function* () {
            const message = yield* Effect.raceFirst(take, Effect.as(revoked, null))
            if (message === null) return false
            yield* Effect.sleep("5 millis")
            yield* write(message)
            yield* ack(message)
            return true
          })
          yield* Effect.repeat(one, { while: (goesOn) => goesOn })
        }),
      { onRevoke: "drain" }
    )
    const [report] = await SimulatedGroup.check({ handler, storm: stormy }, [2, 3])
    assert.isAbove(report?.work?.handled ?? 0, 1000)
  })

  it("counts no messages where nobody asks for any", async () => {
    const idle = SimulatedGroup.effectHandler(() => Effect.never)
    const report = await SimulatedGroup.run({ handler: idle, storm: stormy })
    assert.isNull(report.work)
    assert.deepStrictEqual(report.findings, [])
  })
})

describe("A handler with a mistake", () => {
  it("that goes on in the background is caught", async () => {
    const handler: Handler = async ({ ack, signal, sleep, take, write }) => {
      for (let message = await take(); message !== null; message = await take()) {
        const { offset } = message
        void sleep(500).then(() => write({ offset }))
        await ack(message)
      }
      assert.isTrue(signal.aborted)
    }
    assert.match(await findings({ handler, storm: stormy }), /effects came from runs that had ended/)
  })

  it("that acknowledges before it handles is caught", async () => {
    const handler: Handler = async ({ ack, sleep, take, write }) => {
      for (let message = await take(); message !== null; message = await take()) {
        await ack(message)
        await sleep(50)
        await write(message)
      }
    }
    assert.match(await findings({ handler, storm: { crashes: 6 } }), /messages were lost/)
  })

  it("that remembers where it was, from before another owned the partition, is caught", async () => {
    const positions = new Map<string, number>()
    const handler: Handler = async ({ ack, id, seek, take, write }) => {
      const position = positions.get(id)
      if (position !== undefined) await seek(position)
      for (let message = await take(); message !== null; message = await take()) {
        await write(message)
        await ack(message)
        // Others may go on from here, but it is this number that will be used.
        if (message.offset % 7 === 1) positions.set(id, message.offset)
      }
    }
    assert.match(await findings({ handler, storm: stormy }), /handled again after they had been acknowledged/)
  })

  it("that ignores its signal is caught", async () => {
    const handler: Handler = async ({ sleep }) => {
      for (;;) await sleep(200)
    }
    const found = await findings({ handler, storm: { joins: 3, outages: 2 } })
    assert.match(found, /a handler had not ended long after its signal/)
    assert.match(found, /two run p\d+ at \d+ ms: .* which was told to stop \d+ ms before/)
  })

  it("that fails is reported with the seed and what happened", async () => {
    const handler = async () => Promise.reject(new Error("no such table"))
    const failure = await SimulatedGroup.check({ handler, storm: { crashes: 1 } }, [9]).catch((error: unknown) => error)
    assert.instanceOf(failure, SimulatedGroup.SimulationFailed)
    assert.match(failure.message, /times a handler failed\n[^]*seed: 9\n {2}\d+ ms: a process crashes/)
  })
})

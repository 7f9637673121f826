import { assert, describe, it } from "vitest"
import type { WorkerRecord } from "../../src/model/Record.ts"
import type { Write } from "../../src/protocol/Command.ts"
import * as Group from "./rig/Group.ts"
import * as Sample from "./rig/Sample.ts"
import type { Process, World } from "./rig/World.ts"

interface Sentence {
  readonly at: number
  readonly purpose: Write["purpose"]
  readonly session: string
  readonly expected: number
}

interface Scene {
  readonly world: World
  readonly leader: Process
  readonly other: Process
  readonly sentences: ReadonlyArray<Sentence>
}

/** Of two workers `w1` has to give one of its partitions to whoever joins as `w2`. */
const scene = (count = 2): Scene => {
  const { processes, world } = Group.settled(count)
  const [leader, other] = processes
  assert(leader !== undefined && other !== undefined)
  const sentences: Array<Sentence> = []
  world.listener = {
    stepped: (_, event, step) => {
      for (const command of step.commands) {
        if (command._tag !== "WriteWorker") continue
        const { expected, purpose } = command.write
        if (purpose !== "Evict" && purpose !== "Fence") continue
        sentences.push({ at: event.at, purpose, session: command.record.session, expected })
      }
    }
  }
  return { world, leader, other, sentences }
}

const recordOf = (world: World, name: string): WorkerRecord => {
  const value = world.live.entries.get(`worker.${name}`)?.value
  assert(value?._tag === "Worker")
  return value.record
}

describe("A silent session", () => {
  it("is evicted after a full lease, over the very revision that was silent", () => {
    const { other, sentences, world } = scene()
    const revision = world.live.entries.get("worker.w1")?.revision ?? 0
    world.kill(other)
    world.run(Sample.fullLeaseMs - 1)
    assert.deepStrictEqual(sentences, [])
    world.run(1)
    assert.deepStrictEqual(sentences, [{ at: 70_500, purpose: "Evict", session: "w1.1", expected: revision }])
    assert.strictEqual(recordOf(world, "w1").state, "evicted")
  })

  it("keeps what else its record says", () => {
    const { other, world } = scene()
    const before = recordOf(world, "w1")
    world.kill(other)
    world.run(20_000)
    assert.deepStrictEqual(recordOf(world, "w1"), { ...before, state: "evicted" })
  })

  it("is not evicted where its renewal comes first, and lives on", () => {
    const { leader, other, sentences, world } = scene()
    world.pause(other)
    world.fate(leader, "Evict", "hold")
    world.run(Sample.fullLeaseMs)
    assert.lengthOf(sentences, 1)
    world.wake(other)
    world.run(0)
    world.release(leader, "Evict", "land")
    world.run(5_000)
    assert.deepStrictEqual([recordOf(world, "w1").state, recordOf(world, "w1").session], ["live", "w1.1"])
    assert.deepStrictEqual(
      world.newest.workers.map(({ session }) => session),
      ["w0.1", "w1.1"]
    )
  })

  it("loses nothing to others before its eviction was accepted", () => {
    const { leader, other, sentences, world } = scene()
    world.kill(other)
    world.fate(leader, "Evict", "drop")
    world.run(Sample.fullLeaseMs + 1_499)
    assert.lengthOf(sentences, 1)
    assert.strictEqual(world.newest.version, 30_001)
    world.run(1_000)
    assert.isAbove(world.newest.version, 30_001)
    assert.lengthOf(sentences, 2)
  })

  it("is not evicted for a silence in which the leader itself was cut off", () => {
    const { leader, other, sentences, world } = scene()
    world.pause(other)
    world.run(6_000)
    leader.isCut = true
    // Shorter than the leader's own lease, so that it stays in office.
    world.run(5_000)
    leader.isCut = false
    world.listLive(leader)
    world.run(4_500)
    assert.isTrue(world.view(leader).isLeader)
    assert.deepStrictEqual(sentences, [])
    world.run(8_000)
    assert.lengthOf(sentences, 1)
  })

  it("whose key has vanished is evicted, over nothing, a full lease after that was noticed", () => {
    const { other, sentences, world } = scene()
    world.kill(other)
    world.run(3_000)
    world.vanish(world.live, "worker.w1")
    world.run(Sample.fullLeaseMs - 1)
    assert.deepStrictEqual(sentences, [])
    world.run(1)
    assert.deepStrictEqual(sentences, [{ at: 73_500, purpose: "Evict", session: "w1.1", expected: 0 }])
    assert.deepStrictEqual([recordOf(world, "w1").state, recordOf(world, "w1").session], ["evicted", "w1.1"])
  })
})

describe("A session that does not let go", () => {
  it("is fenced when its time to let go is over", () => {
    const { other, sentences, world } = scene()
    other.isSlow = true
    Group.join(world, "w2")
    // A window of 10 s, and 10 s to let go.
    world.run(19_999)
    assert.deepStrictEqual(sentences, [])
    world.run(1_000)
    assert.deepStrictEqual(
      sentences.map(({ purpose, session }) => [purpose, session]),
      [["Fence", "w1.1"]]
    )
    assert.strictEqual(recordOf(world, "w1").state, "fenced")
  })

  it("is waited for as long as it may still be within its time", () => {
    const { other, sentences, world } = scene()
    other.isSlow = true
    Group.join(world, "w2")
    world.run(19_000)
    world.endHandlers(other)
    world.run(20_000)
    assert.deepStrictEqual(sentences, [])
  })

  it("is waited out for a full lease by everybody, the leader that fenced it and one that comes after", () => {
    const { leader, other, world } = scene()
    other.isSlow = true
    Group.join(world, "w2")
    world.run(21_000)
    const fencedAt = 80_000
    world.stop(leader, "restart")
    world.run(fencedAt + Sample.fullLeaseMs - world.now - 1)
    assert.isTrue(world.newest.workers.some(({ session }) => session === "w1.1"))
    world.run(2_000)
    assert.isFalse(world.newest.workers.some(({ session }) => session === "w1.1"))
  })

  it("is not fenced when it has been silent for longer than the healthy are: its eviction is nearer", () => {
    const { other, sentences, world } = scene()
    other.isSlow = true
    Group.join(world, "w2")
    world.run(12_000)
    world.kill(other)
    world.run(20_000)
    assert.deepStrictEqual(
      sentences.map(({ purpose, session }) => [purpose, session]),
      [["Evict", "w1.1"]]
    )
  })
})

describe("A session that renews its lease and is deaf to the plan", () => {
  it("is treated like one that does not let go", () => {
    const { other, sentences, world } = scene()
    const { show } = world as unknown as { show: (process: Process, ...rest: ReadonlyArray<unknown>) => void }
    // The watch of the plan bucket shows this one nothing any more.
    Object.assign(world, {
      show(process: Process, entry: { readonly key: string }, isGone: boolean) {
        if (process !== other || entry.key !== "plan") show.call(world, process, entry, isGone)
      }
    })
    Group.join(world, "w2")
    world.run(40_000)
    assert.isTrue(sentences.some(({ purpose, session }) => purpose === "Fence" && session === "w1.1"))
  })
})

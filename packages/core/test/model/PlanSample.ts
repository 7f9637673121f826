import * as fc from "fast-check"
import * as Result from "effect/Result"
import * as Partition from "../../src/model/Partition.ts"
import type { PartitionList, Phase, Plan } from "../../src/model/Plan.ts"
import * as WorkerId from "../../src/model/WorkerId.ts"

export const workerId = (name: string): WorkerId.WorkerId => Result.getOrThrow(WorkerId.parse(name))

export const listOf = (version: number, inputs: ReadonlyArray<Partition.PartitionInput>): PartitionList => ({
  version,
  partitions: Result.getOrThrow(Partition.normalise(inputs))
})

export const numbered = (version: number, count: number): PartitionList =>
  listOf(
    version,
    Array.from({ length: count }, (_, i) => ({ keys: ["orders", String(i)] }))
  )

const members = (count: number): Plan["workers"] =>
  Array.from({ length: count }, (_, i) => ({ id: workerId(`worker-${i}`), session: `s${i}`, member: true }))

/** A plan at rest: the partitions are dealt out in runs, all granted by the version before. */
export const plan = (change: Partial<Plan> = {}): Plan => {
  const list = change.list ?? numbered(90, 4)
  const workers = change.workers ?? members(2)
  const owner = change.owner ?? list.partitions.map((_, i) => Math.floor((i * workers.length) / list.partitions.length))
  return {
    epoch: 7,
    version: 100,
    leader: { id: workerId("worker-0"), session: "s0" },
    incarnation: "one",
    recovering: false,
    phase: { _tag: "Idle" },
    list,
    workers,
    owner,
    next: owner,
    token: owner.map(() => 99),
    handled: { rebalance: 0, refresh: 3 },
    ...change
  }
}

/** A stream of whole numbers below `bound`, the same in each run. */
export const drawn = (seed: number) => {
  let state = seed
  return (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/** A plan whose columns share nothing: nothing about it compresses well. */
export const shuffled = (count: number, workers: number, version = 1_763_900_000_000): Plan => {
  const draw = drawn(count)
  const column = () => Array.from({ length: count }, () => draw(workers + 1) - 1)
  const token = Array.from({ length: count }, () => draw(version))
  return plan({ version, list: numbered(90, count), workers: members(workers), owner: column(), next: column(), token })
}

export const natural = fc.maxSafeNat()

export const session = fc.string({ minLength: 1, maxLength: 40, unit: "binary" })

export const anyWorkerId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/).map(workerId)

const reason = fc.constantFrom("cold_start", "restart", "emergency", "planned_scale")

const phase: fc.Arbitrary<Phase> = fc.oneof(
  fc.record({ _tag: fc.constant("Idle") }),
  fc.record({ _tag: fc.constant("Scaling"), reason, windowMs: natural, startedAt: natural }),
  fc.record({
    _tag: fc.constantFrom("Rebalancing", "Emergency"),
    reason: fc.oneof(reason, fc.constant("requested")),
    startedAt: natural
  })
)

const partitionInput = fc.record({
  keys: fc.array(fc.string({ maxLength: 3, unit: "binary" }), { minLength: 1, maxLength: 3 }),
  weight: fc.double({ min: 0, max: 1e9, noNaN: true })
})

const anyList = fc
  .record({
    version: natural,
    inputs: fc.uniqueArray(partitionInput, { maxLength: 30, selector: ({ keys }) => JSON.stringify(keys) })
  })
  .map(({ inputs, version }) => listOf(version, inputs))

const anyWorker = fc.record({ id: anyWorkerId, session, member: fc.boolean() })

const anyWorkers = fc.uniqueArray(anyWorker, { maxLength: 6, selector: ({ id, session: own }) => `${id} ${own}` })

/** Any plan that can be written at all. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({ list: anyList, version: natural, workers: anyWorkers })
  .chain(({ list, version, workers }) => {
    const length = { minLength: list.partitions.length, maxLength: list.partitions.length }
    const column = fc.array(fc.integer({ min: -1, max: workers.length - 1 }), length)
    const seats = fc.option(column, { nil: undefined })
    const plans = fc.record({
      epoch: natural,
      version: fc.constant(version),
      leader: fc.record({ id: anyWorkerId, session }),
      incarnation: fc.string({ unit: "binary" }),
      recovering: fc.boolean(),
      phase,
      list: fc.constant(list),
      workers: fc.constant(workers),
      owner: column,
      next: column,
      token: fc.array(fc.integer({ min: 0, max: version }), length),
      handled: fc.record({ rebalance: natural, refresh: natural })
    })
    return fc.tuple(plans, seats).map(([one, drawnSeats]): Plan => {
      if (drawnSeats === undefined) return one
      return { ...one, standby: drawnSeats.map((seat, i) => (seat === one.next[i] ? -1 : seat)) }
    })
  })

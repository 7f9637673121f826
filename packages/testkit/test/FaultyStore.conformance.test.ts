import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as MemoryStore from "@parti/core/MemoryStore"
import { Effect, Layer } from "effect"
import * as CoordinationStoreTest from "../src/CoordinationStoreTest.ts"
import * as FaultyStore from "../src/FaultyStore.ts"

const groups = Effect.runSync(MemoryStore.makeGroups())

// No seed may break the contract.
let seed = 0

const over = (rates: Partial<FaultyStore.Rates>) => (group: string) =>
  Layer.effect(
    CoordinationStore,
    Effect.gen(function* () {
      const link = yield* FaultyStore.make(yield* groups(group), { seed: (seed += 1), rates })
      return link.store
    })
  )

CoordinationStoreTest.suite("FaultyStore in calm", over({}))

CoordinationStoreTest.suite("FaultyStore whose watches dawdle", over({ held: 0.3, heldMs: [0, 3], coalesced: 0.5 }))

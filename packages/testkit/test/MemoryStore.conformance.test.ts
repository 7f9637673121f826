import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as MemoryStore from "@parti/core/MemoryStore"
import * as CoordinationStoreTest from "@parti/testkit/CoordinationStoreTest"
import { Effect, Layer } from "effect"

const groups = Effect.runSync(MemoryStore.makeGroups())

CoordinationStoreTest.suite("MemoryStore", (group) => Layer.effect(CoordinationStore, groups(group)))

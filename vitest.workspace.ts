import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { findNatsServer, findOldestNatsServer } from "./tools/nats-server.mjs"

const natsServer = findNatsServer()
const oldestNatsServer = findOldestNatsServer()

const cores = Math.max(2, availableParallelism())

/** Computing shares the cores; processes that keep leases on real servers come after it, and have them for themselves. */
const turns = { computing: [0, cores], servers: [1, 1], examples: [2, 2] } as const

const project = (name: string, turn: keyof typeof turns, root = `packages/${name}`, include = "test/**/*.test.ts") => {
  const [groupOrder, maxWorkers] = turns[turn]
  return { extends: true as const, test: { name, root, include: [include], maxWorkers, sequence: { groupOrder } } }
}

// The condition lets the packages see each other's sources, so that no build is needed.
const conditions = ["@parti/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // For the slowest simulation on a busy machine; nothing waits for it when all is well.
    testTimeout: 60_000,
    projects: [
      project("core", "computing"),
      project("testkit", "computing"),
      project("nats-adapter", "servers"),
      project("examples", "examples", "examples", "**/*.test.ts")
    ],
    env: {
      ...(natsServer === undefined ? {} : { NATS_SERVER_BIN: natsServer }),
      ...(oldestNatsServer === undefined ? {} : { OLDEST_NATS_SERVER_BIN: oldestNatsServer })
    }
  }
})

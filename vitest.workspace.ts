import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { findNatsServer, findOldestNatsServer } from "./tools/nats-server.mjs"

const natsServer = findNatsServer()
const oldestNatsServer = findOldestNatsServer()

const cores = Math.max(2, availableParallelism())

/**
 * Computing comes first, and fills the cores. Servers and their clients wait most of the time, so that more of them have room.
 * Processes that are harmed under short leases have the machine for themselves; what newcomers get comes last.
 */
const turns = { computing: [0, cores], servers: [1, 3], chaos: [2, 2], newcomers: [3, 2] } as const

const project = (
  name: string,
  turn: keyof typeof turns,
  root: string,
  include: string,
  exclude: Array<string> = []
) => {
  const [groupOrder, maxWorkers] = turns[turn]
  return {
    extends: true as const,
    test: { name, root, include: [include], exclude, maxWorkers, sequence: { groupOrder } }
  }
}

const adapter = "packages/nats-adapter"
const chaos = "test/chaos/**/*.test.ts"
const packed = "test/packages.test.ts"

// The condition lets the packages see each other's sources, so that no build is needed.
const conditions = ["@parti/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // For the slowest simulation on a busy machine; nothing waits for it when all is well.
    testTimeout: 60_000,
    projects: [
      project("core", "computing", "packages/core", "test/**/*.test.ts"),
      project("testkit", "computing", "packages/testkit", "test/**/*.test.ts"),
      project("nats-adapter", "servers", adapter, "test/**/*.test.ts", [chaos, packed]),
      project("chaos", "chaos", adapter, chaos),
      project("packages", "newcomers", adapter, packed),
      project("examples", "newcomers", "examples", "**/*.test.ts")
    ],
    env: {
      ...(natsServer === undefined ? {} : { NATS_SERVER_BIN: natsServer }),
      ...(oldestNatsServer === undefined ? {} : { OLDEST_NATS_SERVER_BIN: oldestNatsServer })
    }
  }
})

import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { findNatsServer, findOldestNatsServer } from "./tools/nats-server.mjs"

const natsServer = findNatsServer()
const oldestNatsServer = findOldestNatsServer()

/** Computing shares the cores; processes that keep leases on real servers come after it, and have them for themselves. */
const project = (name: string, maxWorkers: number) => ({
  extends: true as const,
  test: {
    name,
    root: `packages/${name}`,
    include: ["test/**/*.test.ts"],
    maxWorkers,
    sequence: { groupOrder: maxWorkers === 1 ? 1 : 0 }
  }
})

const cores = Math.max(2, availableParallelism())

// The condition lets the packages see each other's sources, so that no build is needed.
const conditions = ["@parti/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // For the slowest simulation on a busy machine; nothing waits for it when all is well.
    testTimeout: 30_000,
    projects: [project("core", cores), project("testkit", cores), project("nats-adapter", 1)],
    env: {
      ...(natsServer === undefined ? {} : { NATS_SERVER_BIN: natsServer }),
      ...(oldestNatsServer === undefined ? {} : { OLDEST_NATS_SERVER_BIN: oldestNatsServer })
    }
  }
})

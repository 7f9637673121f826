import { defineConfig } from "vitest/config"
import { findNatsServer, findOldestNatsServer } from "./tools/nats-server.mjs"

const natsServer = findNatsServer()
const oldestNatsServer = findOldestNatsServer()

const project = (name: string, root: string, include: string) => ({
  extends: true as const,
  test: { name, root, include: [include] }
})

const packages = ["core", "testkit", "nats-adapter"].map((name) =>
  project(name, `packages/${name}`, "test/**/*.test.ts")
)

// The condition lets the packages see each other's sources, so that no build is needed.
const conditions = ["@parti/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // For the slowest simulation on a busy machine; nothing waits for it when all is well.
    testTimeout: 30_000,
    projects: [...packages, project("examples", "examples", "**/*.test.ts")],
    env: {
      ...(natsServer === undefined ? {} : { NATS_SERVER_BIN: natsServer }),
      ...(oldestNatsServer === undefined ? {} : { OLDEST_NATS_SERVER_BIN: oldestNatsServer })
    }
  }
})

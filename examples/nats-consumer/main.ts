import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { NatsConnection } from "@parti/nats-adapter"
import { NatsServer } from "@parti/testkit"
import { Deferred, Effect } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Ledger } from "./Ledger.ts"
import { orders, stream } from "./orders.ts"

const customers = Array.from({ length: 20 }, (_, i) => `customer-${i}`)
const each = 15
const total = customers.length * each

const program = Effect.gen(function* () {
  const url = process.env["NATS_URL"] ?? (yield* NatsServer.make()).url
  const { connection } = yield* NatsConnection.make({ servers: url })
  const manager = yield* Effect.promise(() => jetstreamManager(connection))
  yield* Effect.promise(() =>
    manager.streams.add({ name: stream, subjects: ["orders.*"], subject_transform: orders.transform })
  )
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "parti-example-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const ledger = join(folder, "ledger.sqlite")

  // Counts what workers say they have booked: a third of it, and all of it.
  const booked = new Set<number>()
  const third = yield* Deferred.make<void>()
  const all = yield* Deferred.make<void>()
  const listen = ({ sequence }: { readonly sequence: number }) => {
    booked.add(sequence)
    if (booked.size >= total / 3) Deferred.doneUnsafe(third, Effect.void)
    if (booked.size === total) Deferred.doneUnsafe(all, Effect.void)
  }
  const startWorker = Effect.acquireRelease(
    Effect.sync(() => {
      const env = { ...process.env, NATS_URL: url, LEDGER: ledger }
      return fork(join(import.meta.dirname, "worker.ts"), { env }).on("message", listen)
    }),
    (worker) =>
      Effect.promise(async () => {
        if (worker.exitCode !== null || worker.signalCode !== null) return
        worker.kill("SIGTERM")
        await once(worker, "exit")
      })
  )

  const [unlucky] = yield* Effect.all([startWorker, startWorker])
  const publish = (customer: string, number: number) =>
    Effect.promise(() => jetstream(connection).publish(`orders.${customer}`, JSON.stringify({ customer, number })))
  for (let number = 1; number <= each; number++)
    yield* Effect.forEach(customers, (customer) => publish(customer, number))

  yield* Deferred.await(third)
  unlucky.kill("SIGKILL")
  console.log("one of two workers was killed")
  yield* Deferred.await(all)

  const books = new Ledger(ledger)
  const expected = Array.from({ length: each }, (_, i) => i + 1).join()
  const right = [...books.bookings().values()].filter((numbers) => numbers.join() === expected)
  books.close()
  console.log(`${right.length} of ${customers.length} customers have all their orders, once and in order`)
})

await Effect.runPromise(Effect.scoped(program))

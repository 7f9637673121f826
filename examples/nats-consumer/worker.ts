import { createWorker } from "@parti/nats-adapter/Worker"
import { Ledger } from "./Ledger.ts"
import { orders, stream } from "./orders.ts"

const ledger = new Ledger(process.env["LEDGER"] ?? "ledger.sqlite")

await createWorker({
  servers: process.env["NATS_URL"] ?? "127.0.0.1:4222",
  group: "billing",
  partitions: orders.partitions,
  config: { preset: "development" },
  stopOn: ["SIGTERM", "SIGINT"],
  stream: { name: stream, subject: orders.subject },
  onMessage: (message, { id, token }) => {
    const { customer, number } = message.json<{ readonly customer: string; readonly number: number }>()
    const origin = { partition: id, token, sequence: message.seq }
    const result = ledger.book(origin, customer, number)
    // Only the one who starts it listens: in production this is a metric.
    process.send?.({ result, sequence: message.seq })
  }
})

import { HashedPartitions } from "@parti/nats-adapter"

/** Orders are published as `orders.<customer>`; the server hashes the customers into 16 partitions. */
export const orders = HashedPartitions.make({ count: 16, source: "orders.*", by: [1], prefix: "by-customer" })

export const stream = "ORDERS"

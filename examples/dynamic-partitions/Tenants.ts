import { PartitionSource } from "@parti/core"
import { Effect } from "effect"
import { DatabaseSync } from "node:sqlite"

/** The tenants in a database: each active one is a partition, and as heavy as it has seats. */
export class Tenants {
  readonly #database: DatabaseSync

  constructor(path: string) {
    this.#database = new DatabaseSync(path)
    this.#database.exec("create table if not exists tenant (name text primary key, seats integer, active integer)")
  }

  save(name: string, seats: number): void {
    const upsert = "insert into tenant values (?, ?, 1) on conflict do update set seats = excluded.seats, active = 1"
    this.#database.prepare(upsert).run(name, seats)
  }

  retire(name: string): void {
    this.#database.prepare("update tenant set active = 0 where name = ?").run(name)
  }

  /**
   * Asked for again and again by the leader alone. If the database is down, or answers with nonsense, the group keeps the last
   * good list.
   */
  readonly source: PartitionSource.PartitionSource = PartitionSource.fromEffect(
    Effect.try(() =>
      this.#database
        .prepare("select name, seats from tenant where active = 1")
        .all()
        .map(({ name, seats }) => ({ keys: [String(name)], weight: Number(seats) }))
    ),
    { every: "30 seconds" }
  )
}

import { DatabaseSync } from "node:sqlite"

/** Where an order comes from: the place in its stream, its partition, and under which token it is handled. */
export interface Origin {
  readonly partition: string
  readonly token: number
  readonly sequence: number
}

/**
 * What the handlers write to. It books each order once, whatever comes again, and refuses those who have lost the partition:
 * both are decided in the transaction that books.
 */
export class Ledger {
  readonly #database: DatabaseSync

  constructor(path: string) {
    // Several processes write: each waits for its turn. A power cut may cost the last bookings: with `full` it would not.
    this.#database = new DatabaseSync(path, { timeout: 10_000 })
    this.#database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = normal;
      create table if not exists progress (partition text primary key, token integer, sequence integer);
      create table if not exists booking (sequence integer primary key, customer text, number integer);
    `)
  }

  book({ partition, sequence, token }: Origin, customer: string, number: number): "booked" | "repeated" | "outranked" {
    return this.#transaction(() => {
      const known = this.#database.prepare("select token, sequence from progress where partition = ?").get(partition)
      if (known !== undefined && Number(known["token"]) > token) return "outranked"
      const isRepeated = known !== undefined && Number(known["sequence"]) >= sequence
      const last = isRepeated ? Number(known["sequence"]) : sequence
      this.#database.prepare("replace into progress values (?, ?, ?)").run(partition, token, last)
      if (isRepeated) return "repeated"
      this.#database.prepare("insert into booking values (?, ?, ?)").run(sequence, customer, number)
      return "booked"
    })
  }

  /** The numbers of each customer's orders, in the order in which they were booked. */
  bookings(): ReadonlyMap<string, ReadonlyArray<number>> {
    const rows = this.#database.prepare("select customer, number from booking order by rowid").all()
    return new Map(
      [...Map.groupBy(rows, ({ customer }) => String(customer))].map(([customer, orders]) => [
        customer,
        orders.map(({ number }) => Number(number))
      ])
    )
  }

  close(): void {
    this.#database.close()
  }

  #transaction<A>(body: () => A): A {
    this.#database.exec("begin immediate")
    try {
      const result = body()
      this.#database.exec("commit")
      return result
    } catch (error) {
      this.#database.exec("rollback")
      throw error
    }
  }
}

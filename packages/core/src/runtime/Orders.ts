/**
 * Orders to the group: put into the store by the worker's own loop, and awaited by whoever gave them.
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { ControlRecord } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Fact } from "../protocol/Event.ts"
import { StoreUnavailable } from "./CoordinationStore.ts"
import { WorkerStopped } from "./Errors.ts"
import type { Turn } from "./EventLoop.ts"
import type { DrainOrder } from "./GroupOrders.ts"

/**
 * The orders of one worker that have not been answered.
 *
 * @category models
 * @since 0.1.0
 */
export interface Orders {
  /** Waits until the order is in the store; what comes of it there the leader decides. */
  readonly give: (operation: string, control: ControlRecord) => Effect.Effect<void, StoreUnavailable | WorkerStopped>
  /** The orders to drain that are in the store, by the worker they are about. */
  readonly drains: ReadonlyMap<WorkerId, DrainOrder>
  readonly observe: (turn: Turn) => Effect.Effect<void>
  /** The worker has ended: refuses what has not been answered, and all that comes. */
  readonly end: Effect.Effect<void>
}

interface Order {
  readonly operation: string
  readonly control: ControlRecord
  readonly answer: Deferred.Deferred<void, StoreUnavailable | WorkerStopped>
  serial: number | null
}

interface Book {
  readonly open: Set<Order>
  readonly drains: Map<WorkerId, DrainOrder>
  hasEnded: boolean
}

/**
 * Makes the orders of one worker: none at first.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (group: string, offer: (fact: Fact) => Effect.Effect<void>): Orders => {
  const book: Book = { open: new Set(), drains: new Map(), hasEnded: false }
  const refusal = (operation: string) => new WorkerStopped({ group, operation })

  const give = (operation: string, control: ControlRecord) =>
    // In one step: an order that is put down after the end would never be answered.
    Effect.suspend(() => {
      if (book.hasEnded) return Effect.fail(refusal(operation))
      const answer = Deferred.makeUnsafe<void, StoreUnavailable | WorkerStopped>()
      const order: Order = { operation, control, answer, serial: null }
      book.open.add(order)
      return offer({ _tag: "ControlRequested", control }).pipe(
        Effect.andThen(Deferred.await(answer)),
        Effect.ensuring(Effect.sync(() => book.open.delete(order)))
      )
    })

  const end = Effect.suspend(() => {
    book.hasEnded = true
    return Effect.forEach([...book.open], ({ answer, operation }) => Deferred.fail(answer, refusal(operation)), {
      discard: true
    })
  })

  return { drains: book.drains, give, observe: (turn) => Effect.suspend(() => observe(book, turn)), end }
}

const observe = (book: Book, { commands, event }: Turn): Effect.Effect<void> => {
  switch (event._tag) {
    case "ControlRequested": {
      // The very same record goes in and comes out: orders that look alike are still told apart.
      const written = commands.find((one) => one._tag === "WriteControl" && one.control === event.control)
      const order = [...book.open].find((one) => one.control === event.control)
      if (order !== undefined && written?._tag === "WriteControl") order.serial = written.write.serial
      return Effect.void
    }
    case "WriteAccepted":
    case "WriteRejected":
    case "WriteUnknown": {
      const isOrder = event.write.purpose === "Control"
      const order = isOrder ? [...book.open].find((one) => one.serial === event.write.serial) : undefined
      if (order === undefined) return Effect.void
      if (event._tag === "WriteAccepted") note(book, order.control)
      return Effect.asVoid(settle(order, event))
    }
    case "ControlObserved":
      note(book, event.control)
      return Effect.void
    default:
      return Effect.void
  }
}

const note = ({ drains }: Book, control: ControlRecord): void => {
  if (control._tag === "Drain") drains.set(control.workerId, control)
}

type Answer = Extract<Fact, { readonly _tag: "WriteAccepted" | "WriteRejected" | "WriteUnknown" }>

const settle = ({ answer, operation }: Order, fact: Answer): Effect.Effect<boolean> => {
  if (fact._tag === "WriteAccepted") return Deferred.succeed(answer, undefined)
  const outcome = fact._tag === "WriteUnknown" ? "Unknown" : "NotApplied"
  return Deferred.fail(answer, new StoreUnavailable({ operation: "put", outcome, reason: `the order to ${operation}` }))
}

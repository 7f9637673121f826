/**
 * Where the future of a small world is open: what may happen, and what comes of it.
 *
 * @since 0.1.0
 */
import * as Action from "./Action.ts"
import type { Choice, Price } from "./Action.ts"
import * as Clock from "./Clock.ts"
import * as Flow from "./Flow.ts"
import type { Model } from "./Model.ts"
import { keys, type Slot, type World } from "./World.ts"

/**
 * All that may happen here, what happens by itself first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const choices = (model: Model, world: World): ReadonlyArray<Choice> => {
  const next = Flow.next(model, world)
  return next === null ? atRest(model, world) : [{ _tag: "Go" }, ...instead(world, next)]
}

/**
 * Lets it happen, and then all that follows of itself, up to the next point at which the future is open. `null` where that
 * joins a way that was gone before, which `isNew` tells.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (
  model: Model,
  world: World,
  choice: Choice,
  isNew: (world: World) => boolean = () => true
): World | null => toFork(model, Action.act(model, world, choice), isNew)

/**
 * All that follows of itself, up to the next point at which the future is open.
 *
 * @category combinators
 * @since 0.1.0
 */
export const toFork = (model: Model, world: World, isNew: (world: World) => boolean = () => true): World | null =>
  Flow.run(model, world, (next, here) => !isOpen(here, next), isNew)

/** Whether anything else may happen than what comes next. */
const isOpen = (world: World, next: Flow.Next): boolean => instead(world, next).length > 0

/** What may happen instead of what comes next. */
const instead = (world: World, next: Flow.Next): ReadonlyArray<Choice> => {
  const { budget } = world
  const held = (price: Price): ReadonlyArray<Choice> => (budget[price] > 0 ? [{ _tag: "Hold", price }] : [])
  const stopped = (slot: number): ReadonlyArray<Choice> => [
    ...(budget.crash > 0 ? [{ _tag: "Crash", slot } as const] : []),
    ...(budget.pause > 0 ? [{ _tag: "Pause", slot } as const] : [])
  ]
  switch (next._tag) {
    case "Request":
      return [
        ...(budget.lose > 0 ? [{ _tag: "Lose" } as const] : []),
        ...(budget.mute > 0 ? [{ _tag: "Mute" } as const] : []),
        ...(budget.late > 0 ? [{ _tag: "Late" } as const] : [])
      ]
    case "Mail":
      switch (next.mail.fact._tag) {
        case "PartitionEnded":
          return held("linger")
        case "PartitionsListed":
          return held("undecided")
        case "WriteUnknown":
          return stopped(next.slot)
        default:
          return [...held("slow"), ...stopped(next.slot)]
      }
    case "Shown":
      return [...held("lag"), ...(next.bucket === "plan" ? stopped(next.slot) : [])]
    case "Due":
    case "Expired":
    case "Listing":
    case "Timer":
      return []
  }
}

/** What may happen while everything is quiet. */
const atRest = (model: Model, world: World): ReadonlyArray<Choice> => [
  ...(Number.isFinite(Clock.untilNext(world)) ? [{ _tag: "Pass" } as const] : []),
  ...world.requests.flatMap((request): ReadonlyArray<Choice> => [
    { _tag: "Land", request },
    ...(request.isAnswered ? [{ _tag: "Drop", request } as const] : [])
  ]),
  ...world.slots.flatMap((slot, index) => ofSlot(world, slot, index)),
  ...ofStore(world)
]

const ofSlot = ({ budget }: World, slot: Slot, index: number): ReadonlyArray<Choice> => {
  const maybe = (price: Price, choice: Choice): ReadonlyArray<Choice> => (budget[price] > 0 ? [choice] : [])
  switch (slot.status) {
    case "Gone":
    case "Down":
      return slot.status === "Down" ? maybe("boot", { _tag: "Boot", slot: index }) : []
    case "Paused":
      return [{ _tag: "Resume", slot: index }]
    case "Up":
      return [
        ...(slot.isCut ? [{ _tag: "Heal", slot: index } as const] : maybe("cut", { _tag: "Cut", slot: index })),
        ...slot.inbox.flatMap((mail): ReadonlyArray<Choice> =>
          // Who is told nothing learns so by waiting.
          mail.fact._tag === "WriteUnknown" ? [] : [{ _tag: "Deliver", slot: index, mail }]
        ),
        ...(slot.isCut ? [] : shown(slot, index)),
        ...maybe("crash", { _tag: "Crash", slot: index }),
        ...maybe("pause", { _tag: "Pause", slot: index }),
        ...(slot.node.life._tag === "Running"
          ? [
              ...maybe("leave", { _tag: "Stop", slot: index, intent: "leave" }),
              ...maybe("restart", { _tag: "Stop", slot: index, intent: "restart" })
            ]
          : [])
      ]
  }
}

const shown = (slot: Slot, index: number): ReadonlyArray<Choice> =>
  (["live", "plan"] as const).flatMap((bucket): ReadonlyArray<Choice> =>
    slot[bucket].isHeld ? [{ _tag: "Show", slot: index, bucket }] : []
  )

const ofStore = ({ budget, store }: World): ReadonlyArray<Choice> => [
  ...(budget.vanish > 0
    ? store.workers.flatMap(({ value }, index): ReadonlyArray<Choice> =>
        value === null
          ? []
          : [true, false].map((isShown) => ({ _tag: "Vanish", key: keys.workers + index, isShown }) as const)
      )
    : []),
  ...(budget.live > 0 ? [{ _tag: "LoseLive" } as const] : []),
  ...(budget.plan > 0 ? [{ _tag: "LosePlan" } as const] : []),
  ...(budget.order > 0 ? [{ _tag: "Order" } as const] : []),
  ...(budget.source > 0 ? [{ _tag: "Source" } as const] : [])
]

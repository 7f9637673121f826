/**
 * What happens to a group again and again: a worker is restarted under its name, another takes the place of one that leaves, a
 * process is killed and comes back.
 *
 * @since 0.1.0
 */
import type * as Fleet from "@parti/testkit/Fleet"
import * as Effect from "effect/Effect"
import type * as Group from "../../chaos/Group.ts"

/**
 * The processes: `hosts` stay for all of the time, so that what they do not let go of shows; `loners` are killed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cast {
  readonly hosts: ReadonlyArray<Fleet.FleetProcess>
  readonly loners: ReadonlyArray<string>
  readonly start: (name: string) => Effect.Effect<Fleet.FleetProcess, Fleet.FleetFailed>
}

/**
 * Tells a process an order, and waits until it says that it has obeyed; gives its answer.
 *
 * @category operations
 * @since 0.1.0
 */
export const order = (
  { fleet }: Group.Group,
  { life, tell }: Fleet.FleetProcess,
  text: string
): Effect.Effect<unknown, Fleet.FleetError> =>
  Effect.gen(function* () {
    const answers = () =>
      fleet.events.flatMap(({ by, entry }) =>
        by === life && entry._tag === "Noted" && entry.what === text ? [entry.value] : []
      )
    const before = answers().length
    yield* tell(text)
    yield* fleet.until(`${life} obeys the order to ${text}`, () => answers().length > before)
    return answers().at(-1)
  })

const kinds = ["restart", "replace", "kill"] as const

/**
 * The next change of so many; ends when all partitions are run again.
 *
 * @category operations
 * @since 0.1.0
 */
export const change = (group: Group.Group, cast: Cast, index: number): Effect.Effect<string, Fleet.FleetError> =>
  Effect.gen(function* () {
    const kind = kinds[index % kinds.length] ?? "restart"
    const turn = Math.floor(index / kinds.length)
    const host = cast.hosts[turn % cast.hosts.length]
    const loner = cast.loners[turn % cast.loners.length]
    if (kind !== "kill" && host !== undefined) yield* order(group, host, kind)
    if (kind === "kill" && loner !== undefined) {
      const victim = group.running().find(({ name }) => name === loner)
      if (victim !== undefined) yield* victim.kill
      yield* group.working
      yield* cast.start(loner)
    }
    yield* group.working
    return kind
  })

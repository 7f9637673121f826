/**
 * What is done to worker processes: killed, paused, moved about, asked to leave.
 *
 * @since 0.1.0
 */
import type * as Fleet from "@parti/testkit/Fleet"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import type * as FleetJudge from "@parti/testkit/FleetJudge"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Group from "../Group.ts"
import * as Scenario from "../Scenario.ts"

/** Waits for another leader than the one that was; resolves to how long that took. */
const succession = (group: Group.Group, before: Fleet.FleetProcess): Effect.Effect<number, Fleet.FleetError> =>
  Effect.gen(function* () {
    const since = FleetJournal.now()
    const isOther = () => group.leader() !== null && group.leader()?.life !== before.life
    yield* group.fleet.until(`another leads than ${before.life}`, isOther)
    return Math.round(FleetJournal.now() - since)
  })

const leaderOf = (group: Group.Group): Effect.Effect<Fleet.FleetProcess, Fleet.FleetError> =>
  Effect.gen(function* () {
    yield* group.fleet.until("somebody leads", () => group.leader() !== null)
    return group.leader() ?? (yield* Effect.die(new Error("there was a leader just now")))
  })

/**
 * The leader is killed, and started again when all is well: so many times.
 *
 * @category acts
 * @since 0.1.0
 */
export const leaderKilled =
  ({ times }: { readonly times: number }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const took: Array<number> = []
      for (let i = 0; i < times; i++) {
        const leader = yield* leaderOf(group)
        yield* leader.kill
        took.push(yield* succession(group, leader))
        yield* group.working
        yield* group.start(leader.name)
        yield* group.working
      }
      return { figures: { "ms to another leader, one was killed": Math.max(...took) } }
    })

/**
 * Whoever leads is killed every so often, for so long, and started again at once: whether the group has come to rest or
 * not, and whether it has heard of the last leader or not.
 *
 * @category acts
 * @since 0.1.0
 */
export const leaderKilledEvery =
  ({ everyMs, forMs }: { readonly everyMs: number; readonly forMs: number }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      let killed = 0
      const once = Effect.gen(function* () {
        yield* group.fleet.refresh
        const leader = group.leader()
        if (leader === null) return
        yield* leader.kill
        killed += 1
        yield* group.start(leader.name)
      })
      yield* group.during(
        "LeaderKilledOften",
        Effect.repeat(once, { schedule: Schedule.fixed(everyMs), times: Math.floor(forMs / everyMs) - 1 })
      )
      yield* group.working
      return {
        breaches: killed > 1 ? [] : ["nobody led for long enough to be killed"],
        figures: { "leaders killed in a row": killed }
      }
    })

/**
 * The leader is asked to leave, and another process takes its place.
 *
 * @category acts
 * @since 0.1.0
 */
export const leaderLeft: Scenario.Act = (group) =>
  Effect.gen(function* () {
    const leader = yield* leaderOf(group)
    yield* leader.terminate
    const took = yield* succession(group, leader)
    const breaches = yield* endedWell(leader)
    yield* group.working
    yield* group.start(leader.name)
    yield* group.working
    return { breaches, figures: { "ms to another leader, one has left": took } }
  })

/**
 * All processes are replaced one after the other, as a rollout does it: each is told that it will be back, ends, and is
 * started again under its name. `times`: how many rollouts. Every partition must stay with its worker id.
 *
 * **Gotchas** Each has to be back within the planned window.
 *
 * @category acts
 * @since 0.1.0
 */
export const rolled =
  ({ settings, times }: { readonly times: number; readonly settings: (index: number) => Settings }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { judge, refresh } = group.fleet
      yield* refresh
      const before = judge.begun()
      const homes = new Map(before.map(({ partition, process }) => [partition, process]))
      const breaches: Array<string> = []
      const names = group.running().map(({ name }) => name)
      for (let i = 0; i < times * names.length; i++) {
        const place = i % names.length
        const one = group.running().find(({ name }) => name === names[place])
        if (one === undefined) return { breaches: [`${names[place]} does not run`] }
        yield* one.tell("restart")
        breaches.push(...(yield* endedWell(one)))
        yield* group.start(one.name, settings(place))
        yield* group.working
      }
      yield* refresh
      const moves = judge.begun().filter(({ partition, process }) => homes.get(partition) !== process)
      const movedBefore = before.filter(({ partition, process }) => homes.get(partition) !== process)
      const runs = judge.begun().length - before.length
      const moved = moves.length - movedBefore.length
      if (moved > 0) breaches.push(`${moved} runs began elsewhere, such as ${JSON.stringify(moves.at(-1))}`)
      if (runs < times * group.partitions) breaches.push(`only ${runs} runs began`)
      return {
        breaches,
        figures: {
          "restarts in rollouts": times * names.length,
          "runs after restarts": runs,
          "moved by rollouts": moved
        }
      }
    })

/**
 * The user's own code blocks a worker's event loop for so long, once for each number. Where that is too long for its lease,
 * others must have all before it goes on, and it must notice.
 *
 * @category acts
 * @since 0.1.0
 */
export const blocked =
  (options: { readonly forMs: ReadonlyArray<number>; readonly leaseMs: number }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { events, until } = group.fleet
      for (const ms of options.forMs) {
        const leader = yield* leaderOf(group)
        const victim = group.running().find(({ life }) => life !== leader.life)
        if (victim === undefined) return { breaches: ["there was nobody to be blocked"] }
        const ended = () => events.filter(({ by, entry }) => by === victim.life && entry._tag === "BlockEnded").length
        const [endedBefore, lostBefore] = [ended(), losses(events, victim.life)]
        yield* victim.tell(`block ${ms}`)
        yield* until(`${victim.life} goes on`, () => ended() > endedBefore)
        if (ms > 2 * options.leaseMs)
          yield* until(`${victim.life} notices`, () => losses(events, victim.life) > lostBefore)
        yield* group.progress
      }
      return {}
    })

const endedWell = ({ exited, life }: Fleet.FleetProcess): Effect.Effect<ReadonlyArray<string>, Fleet.FleetError> =>
  Effect.map(exited, ({ code, signal }) => {
    return code === 0 ? [] : [`${life} was asked to leave and ended with ${code ?? signal}`]
  })

/**
 * A worker that has messages in hand is paused until others have gone on with them and run all that it had, and then
 * wakes: so many times. It must notice, come back under a new session, and get partitions again.
 *
 * @category acts
 * @since 0.1.0
 */
export const paused =
  ({ times, whom }: { readonly times: number; readonly whom: "leader" | "follower" }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { events, judge, until } = group.fleet
      for (let i = 0; i < times; i++) {
        const leader = yield* leaderOf(group)
        const victim = whom === "leader" ? leader : group.running().find(({ life }) => life !== leader.life)
        if (victim === undefined) return { breaches: ["there was nobody to be paused"] }
        const lostBefore = losses(events, victim.life)
        const inHand = yield* pauseInHand(group, victim)
        yield* until("others have all, and have gone on with what it had in hand", () => {
          const isOvertaken = inHand.every(({ partition, token }) => group.sink.highest(partition) > token)
          return isOvertaken && othersRun(group, victim) === group.partitions
        })
        const wokenAt = FleetJournal.now()
        yield* victim.resume
        yield* until(`${victim.life} notices`, () => losses(events, victim.life) > lostBefore)
        // The runs that it had are open until it has ended them.
        const hasBegun = () => judge.begun().some(({ at, life }) => life === victim.life && at > wokenAt)
        yield* until(`${victim.life} works again`, hasBegun)
        yield* group.working
      }
      return {}
    })

/** Pauses a worker that has messages in hand, and tells which. */
const pauseInHand = (
  { fleet: { judge, refresh, until } }: Group.Group,
  victim: Fleet.FleetProcess
): Effect.Effect<ReturnType<FleetJudge.Judge["inHand"]>, Fleet.FleetError> =>
  Effect.gen(function* () {
    for (;;) {
      yield* until(`${victim.life} has a message in hand`, () => judge.inHand(victim.life).length > 0)
      yield* victim.pause
      yield* refresh
      const inHand = judge.inHand(victim.life)
      if (inHand.length > 0) return inHand
      // It was done with it meanwhile.
      yield* victim.resume
    }
  })

/** How often a worker has given everything up, to claim an id anew. */
const losses = (events: ReadonlyArray<FleetJournal.Stamped>, life: string): number =>
  events.filter(({ by, entry }) => by === life && entry._tag === "StateChanged" && entry.state === "ClaimingId").length

/** How many partitions others run: also such that a paused worker has not ended its run of. */
const othersRun = ({ fleet: { judge, processes } }: Group.Group, victim: Fleet.FleetProcess): number =>
  processes()
    .filter(({ life }) => life !== victim.life)
    .reduce((sum, { life }) => sum + judge.running(life), 0)

/**
 * All are killed at the same time, and started again at once, while their leases run out: so many times. They are known
 * by their names, so that each claims again the id that it had.
 *
 * @category acts
 * @since 0.1.0
 */
export const allKilled =
  ({ settings, times }: { readonly times: number; readonly settings: (index: number) => Settings }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      let keptIds = 0
      let starts = 0
      for (let i = 0; i < times; i++) {
        const before = group.running().map((one) => ({ name: one.name, id: group.workerId(one) }))
        yield* Effect.forEach(group.running(), ({ kill }) => kill, { concurrency: "unbounded", discard: true })
        const again = yield* Effect.forEach(before, ({ name }, index) => group.start(name, settings(index)))
        yield* group.working
        starts += again.length
        keptIds += again.filter((one, index) => group.workerId(one) === before[index]?.id).length
      }
      return { figures: { "ids kept": `${keptIds} of ${starts}` } }
    })

type Settings = NonNullable<Parameters<Group.Group["start"]>[1]>

/**
 * Worker after worker joins, is killed and replaced, or leaves, until so many messages have been published and each of these has
 * happened.
 *
 * @category acts
 * @since 0.1.0
 */
export const churn =
  ({ messages }: { readonly messages: number }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { judge, until } = group.fleet
      const isDone = () => judge.progress().published >= messages
      const breaches: Array<string> = []
      let changes = 0
      while (!isDone() || changes < changeKinds.length) {
        const kind = changeKinds[changes % changeKinds.length]
        const [oldest] = group.running()
        changes += 1
        if (kind === "kill") yield* oldest?.kill ?? Effect.void
        if (kind === "leave" && oldest !== undefined) {
          yield* oldest.terminate
          breaches.push(...(yield* endedWell(oldest)))
        } else {
          yield* group.start(`joiner-${changes}`)
        }
        yield* group.working
      }
      yield* until("all is published", isDone)
      return { breaches, figures: { changes } }
    })

const changeKinds = ["join", "kill", "leave"] as const

/**
 * Every partition is moved from one of the first two workers to the other, by an operator's order, so many times.
 *
 * @category acts
 * @since 0.1.0
 */
export const moved =
  ({ times }: { readonly times: number }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { judge, until } = group.fleet
      const before = judge.account().runs
      const pair = group.running().slice(0, 2)
      for (let i = 0; i < times; i++) {
        const [from, to] = i % 2 === 0 ? pair : pair.toReversed()
        if (from === undefined || to === undefined) return { breaches: ["there were no two workers"] }
        if (i > 0) yield* order(group, to, `undrain ${group.workerId(to)}`)
        yield* order(group, to, `drain ${group.workerId(from)}`)
        yield* until(`${to.life} has all`, () => judge.running(to.life) === group.partitions)
      }
      const [last, other] = times % 2 === 0 ? pair : pair.toReversed()
      if (last !== undefined && other !== undefined) yield* order(group, last, `undrain ${group.workerId(other)}`)
      const runs = judge.account().runs - before
      // Half of them had to move the first time.
      const least = Math.floor(group.partitions * (times - 0.5))
      return runs >= least ? {} : { breaches: [`there were ${runs} runs, where at least ${least} were asked for`] }
    })

/** Tells a process's worker an order, and waits until it has been given. */
const order = (group: Group.Group, process: Fleet.FleetProcess, text: string): Effect.Effect<void, Fleet.FleetError> =>
  Effect.gen(function* () {
    const { events, until } = group.fleet
    const count = () =>
      events.filter(({ by, entry }) => {
        const isAnswer = entry._tag === "Noted" && entry.what === "order" && entry.value === text
        return by === process.life && isAnswer
      }).length
    const before = count()
    yield* process.tell(text)
    yield* until(`${process.life} has given the order to ${text}`, () => count() > before)
  })

/**
 * Workers are asked to leave one after the other, up to the last but one, each with messages in hand; and another while it
 * is still starting.
 *
 * @category acts
 * @since 0.1.0
 */
export const left: Scenario.Act = (group) =>
  Effect.gen(function* () {
    const leavers = group.running().slice(1)
    const early = yield* group.start("early")
    const isStarting = () => group.fleet.events.some(({ by }) => by === early.life)
    yield* group.fleet.until("another is starting", isStarting)
    yield* early.terminate
    const breaches: Array<string> = []
    for (const one of leavers) {
      yield* one.terminate
      breaches.push(...(yield* endedWell(one)))
      yield* group.fleet.until("the others have all", () => group.fleet.judge.running() === group.partitions)
    }
    breaches.push(...(yield* endedWell(early)))
    yield* group.working
    return { breaches }
  })

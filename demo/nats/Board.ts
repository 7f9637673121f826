/**
 * What there is to see at one instant, told from the journals of the processes.
 *
 * @since 0.1.0
 */
import type { Fleet } from "@parti/testkit/Fleet"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import type { Account } from "@parti/testkit/FleetJudge"
import * as Schema from "effect/Schema"
import * as Chronicle from "../../packages/nats-adapter/src/cli/demo/Chronicle.ts"
import {
  type Entry,
  type Fact,
  type Rebalance,
  type Scene,
  seconds
} from "../../packages/nats-adapter/src/cli/demo/Scene.ts"
import * as People from "./People.ts"

/**
 * The board: `advance` takes in what the fleet has read since, and tells the news; `scene` is what there is to see.
 *
 * @category models
 * @since 0.1.0
 */
export interface Board {
  readonly advance: () => void
  readonly scene: (options?: { readonly isLast?: boolean }) => Scene
  readonly now: () => number
  readonly tell: (text: string, tone: Entry["tone"]) => void
  readonly failures: () => ReadonlyArray<string>
  readonly rebalances: () => ReadonlyArray<Rebalance>
}

/**
 * What a board is about. `tell`: is given each line of the log.
 *
 * @category models
 * @since 0.1.0
 */
export interface BoardOptions {
  readonly title: string
  readonly lengthMs: number
  readonly partitions: number
  readonly fleet: Fleet
  readonly tell: (entry: Entry) => void
}

/** What a worker tells of its group. */
const Seen = Schema.Struct({
  version: Schema.Int,
  leader: Schema.NullOr(Schema.String),
  phase: Schema.Struct({
    tag: Schema.String,
    reason: Schema.NullOr(Schema.String),
    endsInMs: Schema.NullOr(Schema.Finite)
  }),
  unowned: Schema.Int,
  handingOver: Schema.Int,
  lastRebalance: Schema.NullOr(Schema.Struct({ reason: Schema.String, moved: Schema.Finite, minimum: Schema.Finite }))
})

const isSeen = Schema.is(Seen)

const logKept = 200

/** How often everything is counted again. */
const countEveryMs = 500

/**
 * An empty board; its clock starts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: BoardOptions): Board => {
  const { fleet, lengthMs, partitions, title } = options
  const startedAt = FleetJournal.now()
  const now = () => FleetJournal.now() - startedAt
  const people = new Map<string, People.Person>()
  const failures: Array<string> = []
  let log: ReadonlyArray<Entry> = []
  let chronicle = Chronicle.empty
  let newest: Newest | null = null
  let read = 0
  let most = 0
  const counts = counting(fleet)

  const tellAt = (atMs: number, text: string, tone: Entry["tone"]): void => {
    const entry = { atMs, text, tone }
    log = [...log.slice(1 - logKept), entry]
    options.tell(entry)
  }

  const advance = (): void => {
    for (; read < fleet.events.length; read++) {
      const stamped = fleet.events[read]
      if (stamped === undefined) continue
      const atMs = stamped.at - startedAt
      for (const { isFault, text, tone } of People.follow(people, stamped)) {
        tellAt(atMs, text, tone)
        if (isFault === true) failures.push(text)
      }
      const { entry } = stamped
      if (entry._tag !== "Noted" || entry.what !== "group" || !isSeen(entry.value)) continue
      const next = Chronicle.observe(chronicle, entry.value)
      if (next.chronicle === chronicle) continue
      chronicle = next.chronicle
      newest = { view: entry.value, at: stamped.at }
      for (const text of next.news) tellAt(atMs, text, "plain")
    }
  }

  return {
    advance,
    now,
    tell: (text, tone) => tellAt(now(), text, tone),
    failures: () => failures,
    rebalances: () => chronicle.rebalances,
    scene: ({ isLast = false } = {}) => {
      const rows = [...people.values()].map((one) => People.rowOf(one, fleet))
      most = Math.max(most, ...rows.map(({ running }) => running))
      return {
        title,
        atMs: Math.min(now(), lengthMs),
        lengthMs,
        phase: phaseOf(chronicle, newest),
        leader: chronicle.leader,
        partitions,
        running: fleet.judge.running(),
        unowned: newest?.view.unowned ?? partitions,
        handingOver: newest?.view.handingOver ?? 0,
        most,
        last: chronicle.begun ?? chronicle.rebalances.at(-1) ?? null,
        facts: counts(isLast),
        rows,
        log
      }
    }
  }
}

interface Newest {
  readonly view: typeof Seen.Type
  readonly at: number
}

const phaseOf = ({ tag, windowMs }: Chronicle.Chronicle, newest: Newest | null): Scene["phase"] => {
  const endsInMs = newest?.view.phase.endsInMs ?? null
  const leftMs = endsInMs === null ? null : Math.max(0, endsInMs + (newest?.at ?? 0) - FleetJournal.now())
  return { tag, reason: newest?.view.phase.reason ?? null, leftMs, windowMs }
}

/** What is counted: anew every now and then, since counting takes longer the more there is; and at last. */
const counting = ({ judge }: Fleet): ((isLast: boolean) => ReadonlyArray<Fact>) => {
  let facts: ReadonlyArray<Fact> = []
  let last = { at: FleetJournal.now() - 2 * countEveryMs, handled: 0 }
  return (isLast) => {
    const at = FleetJournal.now()
    if (at - last.at < countEveryMs && !isLast) return facts
    const { handled } = judge.progress()
    facts = factsOf(judge.account(at), (1000 * (handled - last.handled)) / (at - last.at))
    last = { at, handled }
    return facts
  }
}

const factsOf = (account: Account, perSecond: number): ReadonlyArray<Fact> => {
  const { disorders, duplicates, handled, missingCount, overlaps, published, unowned } = account
  const unexcused = duplicates.filter(({ excuse }) => excuse === null).length
  const overlapMs = overlaps.reduce((sum, { excuse, ms }) => (excuse === null ? sum + ms : sum), 0)
  const worst = unowned.worst === null ? "" : `, worst ${unowned.worst.ms.toFixed(0)} ms (${unowned.worst.cause})`
  return [
    {
      label: "messages",
      text: `${perSecond.toFixed(0)} a second; ${handled} of ${published} handled, ${missingCount} to do`,
      isWell: true
    },
    {
      label: "checks",
      text: `${disorders.length} out of order, ${duplicates.length} handled again`,
      isWell: disorders.length + unexcused === 0
    },
    {
      label: "owners",
      text: `two at once ${overlapMs.toFixed(1)} ms, nobody ${seconds(unowned.totalMs)} partition-seconds${worst}`,
      isWell: overlapMs === 0
    }
  ]
}

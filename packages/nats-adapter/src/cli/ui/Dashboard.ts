/**
 * The dashboard of one group: the server, and the group that it shows.
 *
 * @since 0.1.0
 */
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Decision from "@parti/core/Decision"
import type { GroupObserver } from "@parti/core/GroupObserver"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Explain from "../commands/Explain.ts"
import * as Status from "../commands/Status.ts"
import type { Failure } from "../Failure.ts"
import * as ExplainReport from "../report/ExplainReport.ts"
import * as Session from "../Session.ts"
import type { Settings } from "../Settings.ts"
import * as Feed from "./Feed.ts"
import * as HistoryRow from "./HistoryRow.ts"
import * as Lag from "./Lag.ts"
import * as Picture from "./Picture.ts"
import * as Server from "./Server.ts"

/**
 * What is shown, and where. `stream`: the one whose consumers' lag is shown, with the consumption's name.
 *
 * @category models
 * @since 0.1.0
 */
export interface DashboardOptions extends Server.ServerOptions {
  readonly stream: { readonly name: string; readonly consumption: string } | null
}

/** How often pages are told of what is new: no picture moves more smoothly for being told of each heartbeat. */
const tickMs = 250

/** How old a lag may be, however many pages ask. */
const lagAge = "2 seconds"

/**
 * A dashboard that is being served. `ended` waits for ever, and dies if the dashboard does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Dashboard {
  readonly group: string
  readonly port: number
  readonly ended: Effect.Effect<unknown>
}

/**
 * Shows the group until the scope ends.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (settings: Settings, options: DashboardOptions): Effect.Effect<Dashboard, Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const server = yield* Session.connect(settings)
    const session = yield* Session.watch(settings, server)
    const store = yield* Session.openStore(settings, server)
    const history = yield* followed(store)
    const feed = Feed.make()

    let picture: Picture.Picture | null = null
    const draw = Effect.gen(function* () {
      const serverNow = yield* session.serverNow
      const snapshot = yield* session.observer.current
      picture = Picture.after(picture, { origin: Status.origin(session), snapshot, history: history(), serverNow })
      feed.show(picture, serverNow)
    })
    yield* draw
    const drawing = yield* Effect.forkScoped(Effect.repeat(draw, Schedule.spaced(tickMs)))

    const explain = (partition: string) =>
      Explain.logbookIn(store, settings).pipe(
        Effect.flatMap((logbook) => Explain.explained(partition, logbook)),
        Effect.map((explanation) => ({
          ...ExplainReport.of(session.group, explanation),
          lines: ExplainReport.render(explanation)
        }))
      )
    const { stream } = options
    const lag =
      stream === null
        ? Effect.succeed(null)
        : yield* Effect.cachedWithTTL(
            Effect.map(Lag.ask(server, stream.name), (told) =>
              picture === null ? null : Lag.of(stream.name, stream.consumption, picture.list, told)
            ),
            lagAge
          )
    const { port } = yield* Server.make(options, {
      feed,
      about: { allowsActions: options.token !== null, stream: stream?.name ?? null },
      explain: (partition) => answered(explain(partition)),
      lag: answered(lag),
      order: (name, worker) => ordered(session.observer, name, worker)
    })
    return { group: session.group, port, ended: Fiber.join(drawing) }
  })

/** How long after it has broken off a watch is begun anew. */
const retryMs = 1000

/** The newest history; it goes on with the scope. What cannot be read now may be later. */
const followed = (store: CoordinationStore["Service"]) =>
  Effect.gen(function* () {
    let rows: ReadonlyArray<HistoryRow.HistoryRow> = []
    yield* Decision.follow.pipe(
      Stream.retry(Schedule.spaced(retryMs)),
      Stream.runForEach((decisions) => Effect.sync(() => (rows = decisions.map(HistoryRow.of)))),
      Effect.provideService(CoordinationStore, store),
      Effect.forkScoped({ startImmediately: true })
    )
    return () => rows
  })

const orders: Readonly<
  Record<string, (observer: GroupObserver, worker: string) => ReturnType<GroupObserver["drain"]>>
> = {
  rebalance: ({ rebalance }) => rebalance,
  refresh: ({ refreshPartitions }) => refreshPartitions,
  pause: ({ pause }) => pause,
  resume: ({ resume }) => resume,
  drain: ({ drain }, worker) => drain(worker),
  undrain: ({ undrain }, worker) => undrain(worker)
}

const ordered = (observer: GroupObserver, name: string, worker: string | null): Effect.Effect<Server.Answer> => {
  const give = Object.hasOwn(orders, name) ? orders[name] : undefined
  if (give === undefined) {
    const error = `there is no order "${name}"; there are ${Object.keys(orders).join(", ")}`
    return Effect.succeed({ status: 404, body: { error } })
  }
  return answered(Effect.as(give(observer, worker ?? ""), { order: name, worker }))
}

/** What it gives, or why it does not. */
const answered = <A>(asked: Effect.Effect<A, { readonly _tag: string; readonly message: string }>) =>
  Effect.match(asked, {
    onSuccess: (body): Server.Answer => ({ status: 200, body }),
    onFailure: ({ _tag, message }): Server.Answer => ({ status: statuses[_tag] ?? 503, body: { error: message } })
  })

/** Of what somebody asked for that makes no sense. All else is the store's. */
const statuses: Readonly<Record<string, number>> = { UsageInvalid: 404, WorkerUnknown: 409 }

/**
 * Plays the script with worker processes on a real server, and shows it.
 *
 * @since 0.1.0
 */
import type { NatsConnectError } from "@parti/nats-adapter/NatsError"
import type { FleetError } from "@parti/testkit/Fleet"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import * as NatsServer from "@parti/testkit/NatsServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Group from "../../chaos/Group.ts"
import type { Screen } from "../../packages/nats-adapter/src/cli/demo/Screen.ts"
import * as Board from "./Board.ts"
import type { Chosen } from "./CommandLine.ts"
import * as Script from "./Script.ts"
import type { Summary } from "./Summary.ts"

/**
 * What can go wrong before there is anything to show, or so that there is nothing more.
 *
 * @category errors
 * @since 0.1.0
 */
export type ShowError = NatsServer.NatsServerError | NatsConnectError | FleetError

const frameMs = 100
const messagesPerSecond = 1_000

/** How long a slow machine may take for anything. */
const patienceMs = 60_000

/**
 * Plays from the beginning to the end, and says what came of it.
 *
 * @category running
 * @since 0.1.0
 */
export const play = (chosen: Chosen, screen: Screen): Effect.Effect<Summary, ShowError> =>
  Effect.gen(function* () {
    const servers = chosen.servers.length > 0 ? chosen.servers : [(yield* NatsServer.make()).url]
    const { partitions, seed, workers } = chosen
    const title = `Parti on NATS: ${workers} worker processes, ${partitions} partitions, seed ${seed}`
    const group = yield* Group.make({
      servers,
      name: `parti-demo-${process.pid}-${Date.now().toString(36)}`,
      partitions,
      config: { preset: "development" },
      patienceMs
    })
    const { fleet } = group
    const script = Script.write(chosen)
    const board = Board.make({ title, lengthMs: script.lengthMs, partitions, fleet, tell: screen.tell })
    return yield* perform({ group, script, board, screen }).pipe(
      Effect.map((account) => ({
        title,
        lengthMs: board.now(),
        rebalances: board.rebalances(),
        account,
        failures: board.failures()
      })),
      // Before the scope is closed: the end of the processes is no part of the play.
      Effect.ensuring(Effect.sync(screen.close))
    )
  }).pipe(Effect.scoped)

interface Play {
  readonly group: Group.Group
  readonly script: Script.Script
  readonly board: Board.Board
  readonly screen: Screen
}

const perform = (play: Play): Effect.Effect<Summary["account"], FleetError, Scope.Scope> =>
  Effect.gen(function* () {
    const { board, group, screen, script } = play
    const { fleet, producer } = group
    const draw = (isLast: boolean) =>
      Effect.map(fleet.refresh, () => {
        board.advance()
        screen.show(board.scene({ isLast }))
      })
    const drawing = yield* Effect.forkScoped(Effect.forever(Effect.andThen(draw(false), Effect.sleep(frameMs))))
    const publishing = yield* Effect.forkScoped(producer.stream(messagesPerSecond))
    yield* acts(play)
    yield* at(board, script.lengthMs)
    yield* Fiber.interrupt(publishing)
    yield* group.settled
    yield* fleet.close
    const account = yield* Effect.map(fleet.refresh, () => fleet.judge.account(FleetJournal.now()))
    yield* Fiber.interrupt(drawing)
    yield* draw(true)
    return account
  })

const acts = (play: Play): Effect.Effect<void, FleetError> =>
  Effect.gen(function* () {
    const { board, group, script } = play
    const first = yield* Effect.forEach(script.first, (name) => group.start(name))
    yield* group.working

    yield* at(board, script.killAtMs)
    yield* first.find(({ name }) => name === script.killed)?.kill ?? Effect.void
    yield* group.working

    yield* at(board, script.joinAtMs)
    yield* Effect.forEach(script.joiners, (name) => group.start(name))
    yield* group.working

    yield* at(board, script.leaveAtMs)
    const leaver = first.find(({ name }) => name === script.leaver)
    yield* leaver?.terminate ?? Effect.void
    yield* leaver?.exited ?? Effect.void
    yield* group.working
  })

const at = (board: Board.Board, ms: number): Effect.Effect<void> =>
  Effect.suspend(() => Effect.sleep(Math.max(0, ms - board.now())))

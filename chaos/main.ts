/**
 * `npm run chaos`: groups of real processes on a real server, harmed round after round; the judge counts every message and
 * every ownership interval.
 *
 * @since 0.1.0
 */
import * as NatsServer from "@parti/testkit/NatsServer"
import * as NatsServerCluster from "@parti/testkit/NatsServerCluster"
import * as TcpProxy from "@parti/testkit/TcpProxy"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { parseArgs } from "node:util"
import * as Menu from "./Menu.ts"
import * as Scenario from "./Scenario.ts"

const usage = `npm run chaos -- [--minutes 5] [--seed 1] [--round 1] [--rounds N] [--scenario mixed] [--workers 4] [--partitions 32]
  [--times N] [--tokens checked|unchecked]

Scenarios: mixed, ${Menu.names.join(", ")}.
A round is a group of its own on a server of its own. --round says with which to begin, --rounds how many there are at most.
--times says how often a scenario does what it does, in each round. With unchecked tokens the sink takes every effect: the control,
in which a worker that was paused past its lease does harm.`

interface Request {
  readonly minutes: number
  readonly seed: number
  readonly round: number
  readonly rounds: number
  readonly scenario: Menu.Name | "mixed"
  readonly workers: number
  readonly partitions: number
  readonly times: number | null
  readonly checks: boolean
}

const numbers = ["minutes", "seed", "round", "rounds", "workers", "partitions", "times"] as const

/** `null`: somebody wants to know how, or has it wrong. */
const parse = (args: ReadonlyArray<string>): Request | null => {
  const options = Object.fromEntries(
    [...numbers, "scenario", "tokens"].map((name) => [name, { type: "string" as const }])
  )
  try {
    const { values } = parseArgs({ args: [...args], options })
    const text = (name: string, otherwise: string): string => {
      const value = values[name]
      return typeof value === "string" ? value : otherwise
    }
    const whole = (name: (typeof numbers)[number], otherwise: number): number => {
      const value = Number(text(name, String(otherwise)))
      if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`)
      return value
    }
    const named = text("scenario", "mixed")
    const scenario = named === "mixed" ? named : Menu.names.find((name) => name === named)
    if (scenario === undefined) throw new Error(`there is no scenario ${named}`)
    const refusal = scenario === "mixed" ? null : Menu.refusal(scenario)
    if (refusal !== null) throw new Error(refusal)
    const tokens = text("tokens", "checked")
    if (tokens !== "checked" && tokens !== "unchecked") throw new Error("--tokens takes checked or unchecked")
    return {
      checks: tokens === "checked",
      times: values["times"] === undefined ? null : whole("times", 1),
      minutes: whole("minutes", 5),
      seed: whole("seed", 1 + Math.floor(Math.random() * 1e6)),
      round: whole("round", 1),
      rounds: whole("rounds", Number.MAX_SAFE_INTEGER),
      workers: whole("workers", 4),
      partitions: whole("partitions", 32),
      scenario
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return null
  }
}

interface Round {
  readonly what: string
  readonly breaches: ReadonlyArray<string>
  readonly figures: Readonly<Record<string, number | string>>
}

/** A group of its own on a server of its own. What goes wrong with it is a breach like any other. */
const play = (request: Request, round: number): Effect.Effect<Round> =>
  Effect.gen(function* () {
    const chosen = yield* Menu.draw(request.scenario, `${request.seed} ${round}`)
    const what = chosen.join(", ")
    const outcome = yield* Effect.gen(function* () {
      const needs = Menu.needs(chosen)
      const { cluster = false, partitions = request.partitions, workers = request.workers } = needs
      const servers = cluster ? yield* NatsServerCluster.make() : [yield* NatsServer.make()]
      const [server] = servers
      if (server === undefined) return yield* Effect.die(new Error("a cluster has servers"))
      const place = { server, servers, proxy: yield* TcpProxy.make({ targetPort: server.port }) }
      const { checks } = request
      const world = {
        servers: servers.map(({ url }) => url),
        settings: Menu.settings(chosen, place),
        ...(cluster ? { replicas: 3 as const } : {})
      }
      const sizes = { checks, partitions, workers, perSecond: needs.perSecond ?? 20 * partitions, ...picked(needs) }
      return yield* Scenario.run(sizes, world, Menu.acts(chosen, place, request.times))
    }).pipe(Effect.scoped, Effect.exit)
    if (Exit.isSuccess(outcome)) return { what, breaches: outcome.value.breaches, figures: outcome.value.figures }
    const breaches = Cause.prettyErrors(outcome.cause).map(({ message }) => message)
    return { what, breaches, figures: {} }
  })

const picked = ({ config, handlerMs, patienceMs }: Menu.Needs) => ({
  ...(patienceMs === undefined ? {} : { patienceMs }),
  ...(config === undefined ? {} : { config }),
  ...(handlerMs === undefined ? {} : { handlerMs })
})

/** Counts are added up, of worst times the longest is kept. */
const collect = (rounds: ReadonlyArray<Round>): ReadonlyMap<string, number> => {
  const all = new Map<string, number>()
  for (const [name, figure] of rounds.flatMap(({ figures }) => Object.entries(figures))) {
    if (typeof figure !== "number") continue
    const isWorst = name.startsWith("worst") || name.startsWith("ms to")
    const before = all.get(name) ?? 0
    all.set(name, isWorst ? Math.max(before, figure) : before + figure)
  }
  return all
}

const tell = (request: Request, round: number, { breaches, figures, what }: Round): void => {
  const numbersOf = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`)
  console.log(`round ${round}: ${what}: ${breaches.length === 0 ? "all is well" : "BREACHED"}; ${numbersOf.join(", ")}`)
  if (breaches.length === 0) return
  const again = `npm run chaos -- --seed ${request.seed} --round ${round} --rounds 1 --scenario ${request.scenario}`
  const options = `${request.times === null ? "" : ` --times ${request.times}`}${request.checks ? "" : " --tokens unchecked"}`
  for (const breach of breaches) console.log(`  ${breach}`)
  console.log(`  again: ${again} --workers ${request.workers} --partitions ${request.partitions}${options}`)
}

const program = (request: Request): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    console.log(`seed ${request.seed}, ${request.minutes} minutes of ${request.scenario}`)
    const endsAt = performance.now() + 60_000 * request.minutes
    const rounds: Array<Round> = []
    for (let round = request.round; rounds.length < request.rounds && performance.now() < endsAt; round++) {
      const played = yield* play(request, round)
      rounds.push(played)
      tell(request, round, played)
    }
    const breached = rounds.filter(({ breaches }) => breaches.length > 0).length
    console.log(`\n${rounds.length} rounds, ${breached} breached`)
    for (const [name, figure] of collect(rounds)) console.log(`  ${name}: ${figure}`)
    return rounds.length > 0 && breached === 0
  })

const request = parse(process.argv.slice(2))
if (request === null) {
  console.error(usage)
  process.exitCode = 2
} else {
  process.exitCode = (await Effect.runPromise(program(request))) ? 0 : 1
}

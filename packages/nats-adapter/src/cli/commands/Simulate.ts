/**
 * `parti simulate`: a group in a storm, in virtual time, without a server.
 *
 * @since 0.1.0
 */
import type * as SimulatedGroup from "@parti/testkit/SimulatedGroup"
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import { IllStateFound, PackageMissing, UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as SupposedStrategy from "../report/SupposedStrategy.ts"
import { root } from "../Root.ts"
import * as Span from "../Span.ts"

const flags = {
  seed: Flag.Int("seed").pipe(
    Flag.withDescription("What happens, and when; the same seed gives the same storm"),
    Flag.withDefault(1)
  ),
  workers: Flag.Int("workers").pipe(Flag.withDescription("How many workers there are"), Flag.withDefault(3)),
  partitions: Flag.Int("partitions").pipe(Flag.withDescription("How many partitions they share"), Flag.withDefault(12)),
  seconds: Flag.Int("seconds").pipe(
    Flag.withDescription("How long the storm lasts, in virtual time"),
    Flag.withDefault(30)
  ),
  preset: Flag.Literals("preset", ["development", "balanced", "production"]).pipe(
    Flag.withDescription("The timings of the workers"),
    Flag.withDefault("development")
  ),
  strategy: Flag.Literals("strategy", SupposedStrategy.names).pipe(
    Flag.withDescription("The strategy of the group"),
    Flag.withDefault("sticky")
  )
}

interface Chosen {
  readonly seed: number
  readonly workers: number
  readonly partitions: number
  readonly seconds: number
  readonly preset: "development" | "balanced" | "production"
  readonly strategy: SupposedStrategy.StrategyName
}

/**
 * Numbers that a simulation can do with: least, most.
 */
const bounds = {
  seed: [0, 2 ** 31 - 1],
  workers: [1, 100],
  partitions: [1, 1000],
  seconds: [10, 3600]
} as const

const faultOf = (chosen: Chosen): string | null => {
  for (const name of ["seed", "workers", "partitions", "seconds"] as const) {
    const [least, most] = bounds[name]
    if (chosen[name] < least || chosen[name] > most) return `--${name} takes a number from ${least} to ${most}`
  }
  return null
}

/** Loaded when it is asked for: it is a tool for tests, and few have it where they operate. */
const testkit: Effect.Effect<typeof SimulatedGroup, PackageMissing> = Effect.tryPromise({
  try: () => import("@parti/testkit/SimulatedGroup"),
  catch: () => new PackageMissing({ command: "simulate", name: "@parti/testkit" })
})

/** Takes one message after the other, as handlers do that are careful. */
const handler = async ({ ack, take, write }: SimulatedGroup.PromiseContext): Promise<void> => {
  for (let message = await take(); message !== null; message = await take()) {
    await write(message)
    await ack(message)
  }
}

const render = ({
  blows,
  findings,
  gaps,
  overslept,
  runs,
  seed,
  work
}: SimulatedGroup.Report): ReadonlyArray<string> => [
  `storm ${seed}:`,
  ...blows.map((blow) => `  ${blow}`),
  "",
  `handlers were started ${runs} times${work === null ? "" : `, and handled ${work.handled} messages`}`,
  gap(gaps),
  ...(overslept === 0 ? [] : [`${overslept} runs woke after others had their partition; their tokens were refused`]),
  ...(findings.length === 0 ? ["nothing is wrong"] : findings.map((finding) => `WRONG: ${finding}`))
]

const gap = ({ worstMs, worstPartition }: SimulatedGroup.Gaps): string =>
  worstPartition === null
    ? "no partition was ever without a handler"
    : `the longest that a partition was without a handler: ${Span.render(worstMs)}, ${worstPartition}`

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "simulate",
  flags,
  Effect.fnUntraced(function* (chosen: Chosen) {
    const fault = faultOf(chosen)
    if (fault !== null) return yield* new UsageInvalid({ reason: fault })
    const settings = yield* root
    const { run } = yield* testkit
    const { partitions, preset, seconds, seed, strategy, workers } = chosen
    const report = yield* Effect.promise(() =>
      run({
        handler,
        seed,
        workers,
        partitions,
        config: { preset },
        strategy: SupposedStrategy.named(strategy).strategy,
        stormMs: seconds * 1000
      })
    )
    yield* Print.report(settings, report, render)
    if (report.findings.length > 0) return yield* new IllStateFound({ errors: report.findings.length })
  })
).pipe(
  Command.withDescription("A group in a storm of crashes, pauses and outages, in virtual time and without a server")
)

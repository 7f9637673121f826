/**
 * `parti doctor`: what is wrong with the group, and what to do about it.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Examination from "../doctor/Examination.ts"
import type { Finding } from "../doctor/Finding.ts"
import { IllStateFound, UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import { root } from "../Root.ts"
import { printable } from "../Table.ts"

const flags = {
  ids: Flag.Int("ids").pipe(
    Flag.withDescription("How many ids the workers choose from: the count of their workerIdPool"),
    Flag.withDefault(100)
  ),
  stream: Flag.String("stream").pipe(
    Flag.withDescription("A stream that the group consumes, to look at its consumers as well"),
    Flag.optional
  ),
  consumption: Flag.String("consumption").pipe(
    Flag.withDescription("The name of the consumption, if it is not the group's"),
    Flag.optional
  )
}

const shown = { error: "error  ", warning: "warning", note: "note   " } as const

const render = ({ checks, findings, group, server }: Examination.DoctorReport): ReadonlyArray<string> => [
  `doctor of group ${group} at ${server}: ${checks} checks, ${summary(findings)}`,
  ...findings.flatMap(({ check, cure, problem, severity }) => [
    "",
    `${shown[severity]}  ${check}: ${printable(problem)}`,
    `         → ${printable(cure)}`
  ])
]

const summary = (findings: ReadonlyArray<Finding>): string => {
  const counted = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`]
  })
  return counted.length === 0 ? "nothing found" : counted.join(", ")
}

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "doctor",
  flags,
  Effect.fnUntraced(function* ({ consumption, ids, stream }) {
    if (ids < 1) return yield* new UsageInvalid({ reason: "--ids takes a number above 0" })
    const settings = yield* root
    const report = yield* Examination.run(settings, {
      idCount: ids,
      stream: Option.getOrNull(stream),
      consumption: Option.getOrNull(consumption)
    })
    yield* Print.report(settings, report, render)
    const errors = report.findings.filter(({ severity }) => severity === "error").length
    if (errors > 0) return yield* new IllStateFound({ errors })
  }, Effect.scoped)
).pipe(
  Command.withDescription("What is wrong with the group, its buckets and its server, and what to do about it"),
  Command.withExamples([{ command: "parti doctor --group orders --stream ORDERS", description: "With the consumers" }])
)

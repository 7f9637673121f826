/**
 * How the command ends when it cannot do what it was asked: one line with advice, and an exit code.
 *
 * @since 0.1.0
 */
import { type StoreMisconfigured, StoreUnavailable } from "@parti/core/CoordinationStore"
import type { WorkerUnknown } from "@parti/core/Errors"
import type { DuplicatePartition, PartitionInvalid } from "@parti/core/Partition"
import type { StrategyError } from "@parti/core/Strategy"
import * as Data from "effect/Data"
import * as NatsFailure from "../connection/NatsFailure.ts"
import type { NatsConnectError } from "../NatsError.ts"

/**
 * What the exit codes mean. Scripts rely on them; the page of the command lists them.
 *
 * @category constants
 * @since 0.1.0
 */
export const exitCodes = {
  ok: 0,
  ill: 1,
  usage: 2,
  unreachable: 3,
  denied: 4,
  unfit: 5,
  bug: 70,
  interrupted: 130
} as const

/**
 * The command line asks for something that makes no sense; the message says how to put it right.
 *
 * @category errors
 * @since 0.1.0
 */
export class UsageInvalid extends Data.TaggedError("UsageInvalid")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/**
 * No worker of the group has ever run on this server, or its buckets were removed.
 *
 * @category errors
 * @since 0.1.0
 */
export class GroupMissing extends Data.TaggedError("GroupMissing")<{
  readonly group: string
  readonly server: string
}> {
  override get message(): string {
    return (
      `there is no group "${this.group}" at ${this.server}; ` +
      `look at --group and --server, or start its first worker, which makes its buckets`
    )
  }
}

/**
 * The doctor has found something that is wrong. The findings have been printed.
 *
 * @category errors
 * @since 0.1.0
 */
export class IllStateFound extends Data.TaggedError("IllStateFound")<{ readonly errors: number }> {
  override get message(): string {
    return `${this.errors} found to be wrong`
  }
}

/**
 * There is no plan that could be read, so nothing can be said about it.
 *
 * @category errors
 * @since 0.1.0
 */
export class PlanMissing extends Data.TaggedError("PlanMissing")<{ readonly group: string }> {
  override get message(): string {
    return `group ${this.group} has no plan that can be read; \`parti doctor\` tells why`
  }
}

/**
 * A package that a command needs, and that is not installed.
 *
 * @category errors
 * @since 0.1.0
 */
export class PackageMissing extends Data.TaggedError("PackageMissing")<{
  readonly command: string
  readonly name: string
}> {
  override get message(): string {
    return `${this.command} needs ${this.name}, which is not installed; run \`npm install --save-dev ${this.name}\``
  }
}

/**
 * What a command may fail with.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure =
  | UsageInvalid
  | GroupMissing
  | IllStateFound
  | PlanMissing
  | PackageMissing
  | DuplicatePartition
  | PartitionInvalid
  | NatsConnectError
  | StoreMisconfigured
  | StoreUnavailable
  | WorkerUnknown
  | StrategyError

/**
 * The exit code of a failure.
 *
 * @category conversions
 * @since 0.1.0
 */
export const exitCode = (failure: Failure): number => {
  switch (failure._tag) {
    case "IllStateFound":
    case "PlanMissing":
    case "DuplicatePartition":
    case "PartitionInvalid":
    case "WorkerUnknown":
    case "StrategyRefused":
    case "NoWorkers":
    case "CapacityExceeded":
    case "WorkerInvalid":
      return exitCodes.ill
    case "UsageInvalid":
      return exitCodes.usage
    case "NatsUnreachable":
    case "NatsConnectionClosed":
    case "NatsConnectionUnsupported":
    case "StoreUnavailable":
      return exitCodes.unreachable
    case "NatsCredentialsRefused":
    case "NatsPermissionDenied":
      return exitCodes.denied
    case "GroupMissing":
    case "PackageMissing":
    case "NatsWithoutJetStream":
    case "NatsServerTooOld":
    case "StoreMisconfigured":
      return exitCodes.unfit
  }
}

/**
 * Tells a group that is not there from a server that does not answer.
 *
 * @category conversions
 * @since 0.1.0
 */
export const ofStore = <E>(group: string, server: string, error: E): E | GroupMissing =>
  error instanceof StoreUnavailable && NatsFailure.code(error.cause) === NatsFailure.codes.streamNotFound
    ? new GroupMissing({ group, server })
    : error

/**
 * One line, whatever the message holds: what comes from elsewhere must not reach the terminal as it is.
 *
 * @category rendering
 * @since 0.1.0
 */
export const line = (message: string): string => `parti: ${message.replaceAll(/\p{Cc}+/gu, " ").trim()}`

/** Decisions for examples. */
import { Result } from "effect"
import * as Hash from "../../src/model/Hash.ts"
import * as Partition from "../../src/model/Partition.ts"
import * as PartitionSet from "../../src/model/PartitionSet.ts"
import { nobody } from "../../src/model/Plan.ts"
import type * as Decision from "../../src/protocol/Decision.ts"
import { named } from "../../src/protocol/Decision.ts"
import * as EvidenceText from "../../src/protocol/Evidence.ts"
import * as Check from "../../src/strategy/Check.ts"
import type { AssignmentStrategy } from "../../src/strategy/Strategy.ts"
import { sticky } from "../../src/strategy/Sticky.ts"
import * as Sample from "./rig/Sample.ts"

const none = named([])

export const steps: Decision.Steps = {
  windowOpenedAt: null,
  decidedAt: 1000,
  publishedAt: 1004,
  acknowledgedAt: null,
  slowest: null,
  grantedAt: null,
  grantedBy: null,
  stableAt: null,
  supersededBy: null
}

const names = (count: number) =>
  Array.from({ length: count }, (_, i) => Sample.id(`worker-${String(i).padStart(4, "0")}`))

/** What `sticky` decides when one worker of several joins a balanced group of the others. */
export const joining = (
  workerCount: number,
  partitions: ReadonlyArray<Partition.PartitionInput>,
  strategy: AssignmentStrategy = sticky()
): { readonly verdict: Decision.Verdict; readonly evidence: Decision.Evidence } => {
  const set = PartitionSet.of(Result.getOrThrow(Partition.normalise(partitions)))
  const workers = names(workerCount).map((id) => ({ id, capacity: 1, maxPartitions: null, zone: null }))
  const asked = { partitions: set, hints: [], previousStandby: null }
  const before = Result.getOrThrow(Check.run(strategy, { ...asked, workers: workers.slice(0, -1), previous: [] }))
  const from = Array.from(before.owner)
  const after = Result.getOrThrow(Check.run(strategy, { ...asked, workers, previous: from }))
  const target = Array.from(after.owner)
  const evidence: Decision.Evidence = {
    version: 7,
    workers,
    former: [],
    fingerprint: set.fingerprint,
    count: set.size,
    partitions: set.partitions,
    from,
    hints: from.map(() => nobody),
    previousStandby: null,
    target,
    standby: after.standby === null ? null : Array.from(after.standby),
    reasons: from.map((index, i) => (index === target[i] ? nobody : 5)),
    removed: []
  }
  const cost = EvidenceText.costOf(EvidenceText.questionOf(evidence, set.partitions), evidence, false)
  const name = { name: strategy.name, algoVersion: strategy.algoVersion, recipe: strategy.recipe ?? null }
  const moved = evidence.reasons.filter((reason) => reason !== nobody).length
  const verdict: Decision.Verdict = {
    version: 7,
    epoch: 3,
    leader: Sample.id("worker-0000"),
    trigger: "planned_scale",
    changes: {
      joined: named(names(workerCount).slice(-1)),
      gone: none,
      crashed: none,
      draining: none,
      partitionsAdded: 0,
      partitionsRemoved: 0,
      isReweighted: false
    },
    strategy: name,
    workers: workerCount,
    partitions: set.size,
    moves: { removed: 0, added: 0, returned: 0, drain: 0, orphaned: 0, balance: moved, weight: 0, strategy: 0 },
    cost,
    inputs: Hash.digest(EvidenceText.inputsText(name, evidence)),
    outcome: Hash.digest(EvidenceText.outcomeText(evidence, cost))
  }
  return { verdict, evidence }
}

/** The same as it is found in the log. */
export const logged = (
  { evidence, verdict }: ReturnType<typeof joining>,
  change: Partial<Decision.Decision> = {}
): Extract<Decision.Logged, { readonly evidence: Decision.Evidence }> => ({
  decision: { ...verdict, number: 1, steps, evidence: "Whole", ...change },
  evidence
})

export const numbered = (count: number): ReadonlyArray<Partition.PartitionInput> =>
  Array.from({ length: count }, (_, i) => ({ keys: [`p${i}`] }))

/**
 * What a leader owes those whose worker has crashed: that it does not wait.
 *
 * @since 0.1.0
 */
import type { Node } from "@parti/core/Protocol"

/**
 * The crash that a leader knows of and does nothing about, or `null`. A member of the plan in force has crashed, nobody
 * bears its id, and the leader is neither in an emergency nor waits for those that a mass restart may bring back, nor has
 * anything to say.
 *
 * @category getters
 * @since 0.1.0
 */
export const neglected = ({ leadership, membership }: Node.State): string | null => {
  if (leadership._tag !== "Acting" || !membership.isSynced) return null
  if (leadership.pending !== null || leadership.open.length > 0 || leadership.wantedSince !== null) return null
  const { calculator } = leadership.kept
  const mayWait = calculator._tag === "Idle" || (calculator._tag === "Scaling" && calculator.reason !== "restart")
  if (!mayWait) return null
  if (!membership.members.some((member) => member.crashed.length > 0 && member.record?.state !== "live")) return null
  const crashed = leadership.plan.workers.find((seat) => {
    const known = membership.members.find((member) => member.id === seat.id)
    return seat.member && known?.record?.state !== "live" && known?.crashed.includes(seat.session) === true
  })
  return crashed === undefined ? null : `${crashed.session} has crashed, and the leader is ${calculator._tag}`
}

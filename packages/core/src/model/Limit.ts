/**
 * How large the things that are kept in the store may be.
 *
 * Readers refuse what is larger, so that a broken or hostile record costs a message and not the process.
 *
 * @since 0.1.0
 */

/**
 * The most partitions a group may have.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxPartitions = 1_000_000

/**
 * The most sessions a plan may name.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxWorkers = 10_000

/**
 * The longest session, in characters.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxSessionLength = 128

/**
 * The longest name of an instance, in characters.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxInstanceLength = 256

/**
 * The longest name of a zone, in characters.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxZoneLength = 128

/**
 * The longest version of the software that a worker runs, in characters.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxSoftwareVersionLength = 64

/**
 * The longest name of a bucket's life, in characters.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxIncarnationLength = 256

/**
 * The largest capacity of a worker.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxCapacity = 1_000_000

/**
 * The longest span that is accepted anywhere: a day. Timers of JavaScript take no more than 24 of them.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxSpanMs = 86_400_000

/**
 * The longest lease. Half of the time after which a bucket forgets a key that nobody writes.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxLeaseMs = 300_000

/**
 * The largest record of a worker, of the leader or of an operator, in bytes.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxRecordBytes = 8 * 1024

/**
 * The largest value that is written under one key, in bytes. Half of what a NATS server takes unless told otherwise.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxValueBytes = 512 * 1024

/**
 * The largest evidence of a decision that is written, in bytes, after compression.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxEvidenceBytes = 128 * 1024

/**
 * The largest value that is read from one key, in bytes: room for what a later release may write.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxReadBytes = 8 * 1024 * 1024

/**
 * The largest plan, in bytes before compression. A million partitions that share nothing stay below it.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxPlanBytes = 64 * 1024 * 1024

/**
 * The most values that one plan or one list of partitions may be spread over.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxPieces = 4096

/**
 * Which life of a bucket this is.
 *
 * @since 0.1.0
 */

/**
 * What tells one life of a stream from another.
 *
 * @category models
 * @since 0.1.0
 */
export interface StreamIdentity {
  readonly created: string
  readonly firstConfiguredSequence: number
  readonly lastSequence: number
}

/**
 * What had been seen of a bucket at an instant: in which life, and its highest sequence.
 *
 * @category models
 * @since 0.1.0
 */
export interface Floor {
  readonly life: string
  readonly sequence: number
}

/**
 * What one process remembers of a bucket, shared by all its watches and writes.
 *
 * **Details**
 *
 * A bucket that was made anew has another creation time and another first sequence. One that was set back, by a restore
 * or by a loss of power, has neither: it is known by a last sequence below what was seen before.
 *
 * @category models
 * @since 0.1.0
 */
export interface BucketLife {
  /** A sequence of this life was seen, in an event or as the answer to a write. */
  readonly saw: (sequence: number) => void
  /** What has been seen so far: ask for it before the stream is asked, since writes go on meanwhile. */
  readonly floor: () => Floor
  /** Names the life that a stream is in, of which `floor` had been seen before it was asked. */
  readonly incarnation: (stream: StreamIdentity, floor: Floor) => string
}

/**
 * A bucket of which nothing is known yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): BucketLife => {
  let birth = ""
  let setBackCount = 0
  let highest = 0
  const name = (): string => (setBackCount === 0 ? birth : `${birth}/${setBackCount}`)
  return {
    saw: (sequence) => {
      highest = Math.max(highest, sequence)
    },
    floor: () => ({ life: name(), sequence: highest }),
    incarnation: ({ created, firstConfiguredSequence, lastSequence }, floor) => {
      const found = `${created}/${firstConfiguredSequence}`
      const isBorn = found !== birth
      // Another watch may have found the same set-back since the floor was asked for: it is one.
      const isSetBack = !isBorn && floor.life === name() && lastSequence < floor.sequence
      if (isBorn) {
        birth = found
        setBackCount = 0
      }
      if (isSetBack) setBackCount += 1
      if (isBorn || isSetBack) highest = lastSequence
      return name()
    }
  }
}

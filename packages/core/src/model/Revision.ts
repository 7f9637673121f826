/**
 * The store's counter of writes to one key.
 *
 * @since 0.1.0
 */

/**
 * What a compare-and-set compares. Only ever compared with revisions of the same key, within one incarnation of the
 * bucket; `absent` stands for "there is no such key".
 *
 * @category models
 * @since 0.1.0
 */
export type Revision = number

/**
 * The revision of a key that does not exist: a write that expects it creates the key or is rejected.
 *
 * @category constants
 * @since 0.1.0
 */
export const absent: Revision = 0

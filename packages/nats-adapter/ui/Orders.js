/** Orders to the group, from whoever has opened the address with the token. */

const stored = "parti-token"

/**
 * The token that came with the address: it is taken out of the address bar, and kept for as long as the tab is open.
 *
 * @returns {string | null}
 */
export const token = () => {
  const given = new URLSearchParams(location.hash.slice(1)).get("token")
  if (given !== null) {
    sessionStorage.setItem(stored, given)
    history.replaceState(null, "", location.pathname)
  }
  return sessionStorage.getItem(stored)
}

/**
 * Gives an order; answers with what is to be said about it.
 *
 * @param {string} given The token.
 * @param {string} order
 * @param {string} [worker]
 * @returns {Promise<string>}
 */
export const give = async (given, order, worker) => {
  const about = worker === undefined ? "" : `?worker=${encodeURIComponent(worker)}`
  try {
    const headers = { authorization: `Bearer ${given}` }
    const response = await fetch(`/orders/${order}${about}`, { method: "POST", headers })
    const told = await response.json()
    const subject = worker === undefined ? order : `${order} ${worker}`
    return response.ok ? `Accepted: ${subject}.` : `Refused: ${told.error}.`
  } catch {
    return "The dashboard's server does not answer. Is `parti ui` still running?"
  }
}

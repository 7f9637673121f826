/**
 * Pages that are kept up to date, each at the pace that it can follow.
 *
 * @since 0.1.0
 */
import type { ServerResponse } from "node:http"
import * as Change from "./Change.ts"
import type { Picture } from "./Picture.ts"

/**
 * The pages. `add` answers a request with all there is, and from then on with what changes; `false` when there are too many.
 * `show` tells all of them of a picture at a time of the server's clock.
 *
 * @category models
 * @since 0.1.0
 */
export interface Feed {
  readonly add: (response: ServerResponse, headers: Readonly<Record<string, string>>) => boolean
  readonly show: (picture: Picture, serverNow: number) => void
  readonly size: () => number
}

interface Page {
  readonly response: ServerResponse
  shown: Picture | null
  toldAt: number
}

/** More are rather a mistake than an audience. */
const maxPages = 64

/** After so long without a change a page is told the time: it shows that the connection is there. */
const quietMs = 5000

/**
 * A feed without pages.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Feed => {
  const pages = new Set<Page>()
  let newest: { readonly picture: Picture; readonly serverNow: number } | null = null

  const tell = (page: Page): void => {
    if (newest === null) return
    const { picture, serverNow } = newest
    // What a slow page is not told now is part of what it is told next.
    if (page.response.writableNeedDrain) return
    const change = Change.between(page.shown, picture)
    if (change === null && serverNow - page.toldAt < quietMs) return
    const event = page.shown === null ? "whole" : "change"
    page.shown = picture
    page.toldAt = serverNow
    page.response.write(`event: ${event}\ndata: ${JSON.stringify({ now: serverNow, ...change })}\n\n`)
  }

  return {
    add: (response, headers) => {
      if (pages.size >= maxPages) return false
      const page: Page = { response, shown: null, toldAt: 0 }
      response.writeHead(200, { ...headers, "content-type": "text/event-stream" })
      response.flushHeaders()
      response.on("close", () => pages.delete(page))
      pages.add(page)
      tell(page)
      return true
    },
    show: (picture, serverNow) => {
      newest = { picture, serverNow }
      for (const page of pages) tell(page)
    },
    size: () => pages.size
  }
}

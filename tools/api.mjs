// Writes the API reference (docs/api) from the doc comments of everything that users can import: `npm run api`. With `--check` it
// writes nothing, and says which page is not as it would be. Reads what `tsc -b` wrote.

import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { inOrder, modules, packages, root } from "./exports.mjs"
import { identityOf, usesIn } from "./uses.mjs"

const folder = join(root, "docs", "api")

/** Links to names become code: the reader searches the page, or the source. */
const prose = (doc) => doc.replaceAll(/\{@link ([^}]+)\}/g, "`$1`")

/** For a table: links lead from the module's own page. */
const firstParagraph = (doc) =>
  prose(doc)
    .split("\n\n")[0]
    .replaceAll("\n", " ")
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")

/** A declaration's own comments are kept, its indentation is halved. */
const signature = (text) =>
  text.replaceAll(/^ *#private;\n/gm, "").replaceAll(/^( {4})+/gm, (spaces) => " ".repeat(spaces.length / 2))

const all = modules()
const uses = usesIn(all)

const pageOf = (module) => join(folder, module.package, `${module.module}.md`)

const placeLink = (page, { module, name }) => {
  const path = relative(dirname(page), pageOf(module))
  return name === undefined ? `[${module.specifier}](${path})` : `[${name}](${path}#${name.toLowerCase()})`
}

/** What has no example of its own is shown by others; two are enough. */
const shownBy = (page, one) => {
  if (one.hasExample) return ""
  const places = (uses.get(identityOf(one)) ?? []).slice(0, 2).map((place) => placeLink(page, place))
  return places.length === 0 ? "" : `Used in the example of ${places.join(", and of ")}.`
}

const exportText = (page, one) =>
  [
    `### ${one.name}`,
    prose(one.doc),
    shownBy(page, one),
    ["```typescript", signature(one.text), "```"].join("\n"),
    sourceLink(page, one)
  ]
    .filter(Boolean)
    .join("\n\n")

const sourceLink = (page, { source }) => {
  const path = relative(root, source)
    .replace("/dist/", "/src/")
    .replace(/\.d\.ts$/, ".ts")
  return `[source](${relative(dirname(page), join(root, path))})`
}

const byCategory = (exports) =>
  [...Map.groupBy(exports, ({ category }) => category || "other")].toSorted(([left], [right]) => inOrder(left, right))

const modulePage = (module) => {
  const page = pageOf(module)
  const sections = byCategory(module.exports).flatMap(([category, exports]) => [
    `## ${category[0].toUpperCase()}${category.slice(1)}`,
    ...exports.map((one) => exportText(page, one))
  ])
  return [`# ${module.specifier}`, prose(module.doc), ...sections].join("\n\n") + "\n"
}

const index = () => {
  const tables = packages.flatMap((name) => [
    `## @parti/${name}`,
    [
      "| module | what |",
      "| --- | --- |",
      ...all
        .filter((one) => one.package === name)
        .map((one) => {
          const names = one.namespaces.map((each) => `\`${each}\``).join(", ")
          const what = one.module === "index" ? `${firstParagraph(one.doc)} Has ${names}` : firstParagraph(one.doc)
          const title = one.exports.length > 0 ? `[${one.specifier}](${name}/${one.module}.md)` : one.specifier
          return `| ${title} | ${what} |`
        })
    ].join("\n")
  ])
  const intro =
    "Everything that can be imported, by module; written from the doc comments by `npm run api`. In Effect, modules are " +
    'usually had from\ntheir package: `import { Parti } from "@parti/core"` is the module `@parti/core/Parti`.'
  return ["# API reference", intro, ...tables].join("\n\n") + "\n"
}

const pages = new Map([
  [join(folder, "README.md"), index()],
  ...all.filter(({ exports }) => exports.length > 0).map((one) => [pageOf(one), modulePage(one)])
])

if (process.argv.includes("--check")) {
  const there = globSync("**/*.md", { cwd: folder }).map((path) => join(folder, path))
  const isSame = (path) =>
    there.includes(path) && readFileSync(path, "utf8").replaceAll("\r\n", "\n") === pages.get(path)
  const stale = [...pages.keys()].filter((path) => !isSame(path)).concat(there.filter((path) => !pages.has(path)))
  for (const path of stale) console.log(`${relative(root, path)} is not what the doc comments say.`)
  console.log(
    stale.length === 0 ? `${pages.size} pages say what the doc comments say.` : "Write them anew: npm run api"
  )
  if (stale.length > 0) process.exitCode = 1
} else {
  rmSync(folder, { recursive: true, force: true })
  for (const [path, text] of pages) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  console.log(`${pages.size} pages written.`)
}

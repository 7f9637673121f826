// Which exports the examples of the doc comments use by name: read from the examples' syntax. That the names are what they seem is
// checked by tools/examples.mjs, which compiles them.

import { parseSync } from "oxc-parser"

/** The examples of a text, with the line on which each begins. */
export const examplesIn = (text) =>
  [...text.matchAll(/^```ts\n([^]*?)^```/gm)].map((match) => ({
    code: match[1],
    line: text.slice(0, match.index).split("\n").length
  }))

/** A declaration is one thing, in however many modules it can be had. */
export const identityOf = ({ declared, source }) => `${source}#${declared}`

/** `Module.name` from a whole module, which can be a namespace within an index. */
const memberOf = (bySpecifier, specifier, name) =>
  bySpecifier.get(specifier)?.namespaces.includes(name) && bySpecifier.has(`${specifier}/${name}`)
    ? { specifier: `${specifier}/${name}` }
    : { specifier, name }

/** What a program's imports bind: to each local name, a whole module, or a name of one. */
const bindingsOf = (bySpecifier, { body }) =>
  new Map(
    body
      .filter(({ type }) => type === "ImportDeclaration")
      .flatMap(({ source, specifiers }) =>
        specifiers.map(({ imported, local, type }) => [
          local.name,
          type === "ImportNamespaceSpecifier"
            ? { specifier: source.value }
            : memberOf(bySpecifier, source.value, imported?.name ?? "default")
        ])
      )
  )

const isNode = (value) => typeof value === "object" && value !== null && typeof value.type === "string"

/** Every node below one, with its parent and its place in it. */
function* nodes(parent) {
  for (const [place, value] of Object.entries(parent))
    for (const node of [value].flat().filter(isNode)) {
      yield { node, parent, place }
      yield* nodes(node)
    }
}

/** What gives names, and where: a local name hides an import, in the whole example. */
const declaring = {
  ArrowFunctionExpression: ["params"],
  CatchClause: ["param"],
  ClassDeclaration: ["id"],
  ClassExpression: ["id"],
  FunctionDeclaration: ["id", "params"],
  FunctionExpression: ["id", "params"],
  TSCallSignatureDeclaration: ["params"],
  TSConstructSignatureDeclaration: ["params"],
  TSConstructorType: ["params"],
  TSDeclareFunction: ["id", "params"],
  TSEmptyBodyFunctionExpression: ["params"],
  TSEnumDeclaration: ["id"],
  TSFunctionType: ["params"],
  TSIndexSignature: ["parameters"],
  TSInterfaceDeclaration: ["id"],
  TSMappedType: ["key"],
  TSMethodSignature: ["params"],
  TSModuleDeclaration: ["id"],
  TSTypeAliasDeclaration: ["id"],
  TSTypeParameter: ["name"],
  VariableDeclarator: ["id"]
}

/** The parts of a pattern that are patterns themselves; neither its defaults nor its types bind anything. */
const inPattern = ({ argument, elements, left, parameter, properties, value }) =>
  [argument, left, parameter, value, ...(elements ?? []), ...(properties ?? [])].filter(isNode)

const boundBy = (pattern) =>
  pattern.type === "Identifier" ? [pattern.name] : inPattern(pattern).flatMap((part) => boundBy(part))

const declaredBy = (node) =>
  (declaring[node.type] ?? []).flatMap((place) => [node[place]].flat().filter(isNode).flatMap(boundBy))

/** What follows a dot, is a key or a label, or is what an import or an export says anyway. */
const isNoReference = ({ computed, type }, place) =>
  type.startsWith("Import") ||
  place === "exported" ||
  place === "label" ||
  (type === "TSEnumMember" && place === "id") ||
  (type === "TSQualifiedName" && place === "right") ||
  (!computed && (place === "property" || place === "key"))

/** The left and the right of `Module.name`, as a value and as a type. */
const dotted = ({ computed, left, object, property, right, type }) => {
  if (type === "MemberExpression" && !computed) return [object, property.name]
  return type === "TSQualifiedName" ? [left, right.name] : []
}

/** What an example uses of the modules, each as its module and its name there. */
const usesOf = (bySpecifier, code) => {
  const { errors, program } = parseSync("example.ts", code)
  if (errors.length > 0) return []
  const all = [...nodes(program)]
  const hidden = new Set(all.flatMap(({ node }) => declaredBy(node)))
  const bindings = new Map([...bindingsOf(bySpecifier, program)].filter(([name]) => !hidden.has(name)))
  const meant = (node) => {
    if (node?.type === "Identifier") return bindings.get(node.name)
    const [left, name] = dotted(node)
    const module = left && meant(left)
    return module && module.name === undefined ? memberOf(bySpecifier, module.specifier, name) : undefined
  }
  return all
    .filter(({ parent, place }) => !isNoReference(parent, place))
    .map(({ node }) => meant(node))
    .filter((one) => one?.name !== undefined)
}

/** Whose doc comments have examples: modules by their heads, and exports. */
const tellers = (modules) =>
  modules.flatMap((module) => [
    { module, name: undefined, doc: module.doc },
    ...module.exports.map(({ doc, name }) => ({ module, name, doc }))
  ])

/** For each export (by `identityOf`) where examples use it: the modules, and the exports in whose doc comments they stand. */
export const usesIn = (modules) => {
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]))
  const uses = new Map()
  for (const { doc, module, name } of tellers(modules))
    for (const { code } of examplesIn(doc))
      for (const used of usesOf(bySpecifier, code)) {
        const one = bySpecifier.get(used.specifier)?.exports.find((each) => each.name === used.name)
        if (one === undefined) continue
        const places = uses.get(identityOf(one)) ?? []
        if (!places.some((place) => place.module === module && place.name === name)) places.push({ module, name })
        uses.set(identityOf(one), places)
      }
  return uses
}

/** What is wrong with how an export is shown: in no example, or not in its own. `undefined` when all is well. */
export const whyNotShown = (uses, module, one) => {
  const places = uses.get(identityOf(one)) ?? []
  const isOwn = (place) => place.module === module && place.name === one.name
  if (examplesIn(one.doc).length > 0) return places.some(isOwn) ? undefined : "is not used by name in its own example"
  return places.length > 0 ? undefined : "is used by name in no example of a doc comment"
}

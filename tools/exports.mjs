// What users can import from the packages, with its documentation: read from the declarations that `tsc -b` wrote, in which every
// type is spelt out.

import { parseSync } from "oxc-parser"
import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))
export const packages = ["core", "nats-adapter", "testkit"]

/** By code units, whatever the locale. */
export const inOrder = (left, right) => (left < right ? -1 : left > right ? 1 : 0)

const withoutStars = (comment) =>
  comment
    .split("\n")
    .map((line) => line.replace(/^ *\* ?/, ""))
    .join("\n")
    .trim()

const withoutTags = (doc) => doc.replaceAll(/^@\w+.*$/gm, "").trim()

/** What a source says of itself at its top; the declarations lose it where they lose an import. */
const headerOf = (path) => withoutTags(withoutStars(/^\/\*\*([^]*?)\*\//.exec(readFileSync(path, "utf8"))?.[1] ?? ""))

const parsed = new Map()

/** A file's statements and comments, and the exported declarations by name. */
const parse = (path) => {
  const known = parsed.get(path)
  if (known !== undefined) return known
  const text = readFileSync(path, "utf8")
  const { comments, program } = parseSync(path, text)
  const file = { path, text, comments, statements: program.body }
  parsed.set(path, file)
  return file
}

const resolved = (file, specifier) => join(dirname(file.path), specifier.replace(/\.ts$/, ".d.ts"))

/** The text of the comment that ends where a statement begins, without stars. */
const commentBefore = ({ comments, text }, start) => {
  const comment = comments.findLast((one) => one.end <= start)
  if (comment === undefined || !comment.value.startsWith("*") || text.slice(comment.end, start).trim() !== "") return ""
  return withoutStars(comment.value.slice(1))
}

const kinds = {
  ClassDeclaration: "class",
  FunctionDeclaration: "function",
  TSDeclareFunction: "function",
  TSEnumDeclaration: "enum",
  TSInterfaceDeclaration: "interface",
  TSTypeAliasDeclaration: "type",
  VariableDeclaration: "const"
}

const isCallable = (file, declaration) =>
  declaration.type.endsWith("Function") ||
  declaration.type === "FunctionDeclaration" ||
  declaration.declarations?.[0]?.id.typeAnnotation?.typeAnnotation.type === "TSFunctionType"

/** Classes that extend what a call gave have a constant for it, whose type says what that was. */
const baseOf = (file, name) => {
  const constant = file.statements.find(
    (one) => one.type === "VariableDeclaration" && one.declarations[0]?.id.name === `${name}_base`
  )
  if (constant === undefined) return `${name}_base`
  const { typeAnnotation } = constant.declarations[0].id.typeAnnotation
  const type = file.text.slice(typeAnnotation.start, typeAnnotation.end)
  return type.includes("YieldableError") ? "Data.TaggedError" : type
}

const documented = (file, name, exported, declaration, statement) => {
  const comment = commentBefore(file, statement.start)
  const [, category = ""] = /^@category (.+)$/m.exec(comment) ?? []
  const text = file.text
    .slice(declaration.start, declaration.end)
    .replaceAll(`${name}_base`, baseOf(file, name))
    .replace(/^declare /, "")
  return {
    name: exported,
    declared: name,
    kind: kinds[declaration.type] ?? "const",
    isCallable: isCallable(file, declaration),
    category,
    doc: withoutTags(comment),
    hasExample: /^```ts$/m.test(comment),
    text: exported === name ? text : text.replace(name, exported),
    source: file.path
  }
}

const namesOf = (declaration) => declaration.declarations?.map(({ id }) => id.name) ?? [declaration.id.name]

/** Follows a re-export to its declaration; `undefined` for what comes from another package. */
const find = (file, name, exported) => {
  for (const statement of file.statements) {
    const { declaration } = statement
    if (statement.type === "ExportNamedDeclaration" && declaration && namesOf(declaration).includes(name))
      return documented(file, name, exported, declaration, statement)
    if (statement.type === "ExportNamedDeclaration" && statement.source) {
      const one = statement.specifiers.find((each) => each.exported.name === name)
      if (one !== undefined && statement.source.value.startsWith("."))
        return find(parse(resolved(file, statement.source.value)), one.local.name, exported)
    }
    if (statement.type === "ExportAllDeclaration" && statement.exported === null) {
      const inner = find(parse(resolved(file, statement.source.value)), name, exported)
      if (inner !== undefined) return inner
    }
  }
  return undefined
}

const exportedNames = (file) =>
  file.statements.flatMap((statement) => {
    if (statement.type === "ExportNamedDeclaration" && statement.declaration) return namesOf(statement.declaration)
    if (statement.type === "ExportNamedDeclaration") return statement.specifiers.map(({ exported }) => exported.name)
    if (statement.type === "ExportAllDeclaration" && statement.exported === null)
      return exportedNames(parse(resolved(file, statement.source.value)))
    return []
  })

const namespaces = (file) =>
  file.statements
    .filter(({ exported, type }) => type === "ExportAllDeclaration" && exported !== null)
    .map(({ exported }) => exported.name)

/** Each file in a package's `src` is an entry point: its name, what it is, and what it exports. */
const modulesOf = (name) => {
  const folder = join(root, "packages", name)
  return globSync("src/*.ts", { cwd: folder })
    .map((path) => basename(path, ".ts"))
    .toSorted(inOrder)
    .map((module) => {
      const path = join(folder, "dist", `${module}.d.ts`)
      if (!existsSync(path)) throw new Error(`${path} is not there: run tsc -b first`)
      const file = parse(path)
      const exports = [...new Set(exportedNames(file))].toSorted(inOrder).map((one) => find(file, one, one))
      return {
        package: name,
        module,
        specifier: module === "index" ? `@parti/${name}` : `@parti/${name}/${module}`,
        doc: headerOf(join(folder, "src", `${module}.ts`)),
        namespaces: namespaces(file),
        exports: exports.filter((one) => one !== undefined)
      }
    })
}

export const modules = () => packages.flatMap(modulesOf)

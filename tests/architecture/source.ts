/** A source file as the rules see it: what it imports, and which effects it calls for. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, posix, relative, sep } from "node:path"
import ts from "typescript"

export const projectRoot = join(import.meta.dirname, "..", "..")

export type Source = {
  /** Relative to the project, with slashes. */
  path: string
  imports: Import[]
  /** Effects in its own text: `Date.now()`, `new Date()`, `process.env`, … */
  effects: string[]
}

export type Import = {
  /** A path relative to the project for our own files, the package's name for others. */
  target: string
  typeOnly: boolean
}

const CODE = /\.(ts|tsx|mjs)$/
const NOT_OURS = new Set(["node_modules", "build", "demo-model", "assets", ".venv", "__pycache__"])

export function filesUnder(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (NOT_OURS.has(entry.name)) return []
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
}

export function readSources(folders: string[]): Source[] {
  return folders
    .flatMap(filesUnder)
    .filter((path) => CODE.test(path) && !path.endsWith(".d.ts"))
    .map((path) => parseSource(path, readFileSync(join(projectRoot, path), "utf8")))
}

export function parseSource(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const imports: Import[] = []
  const effects = new Set<string>()
  const visit = (node: ts.Node): void => {
    const found = importOf(node)
    if (found) imports.push({ target: resolveImport(path, found.target), typeOnly: found.typeOnly })
    const effect = effectOf(node)
    if (effect) effects.add(effect)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { path, imports, effects: [...effects] }
}

function importOf(node: ts.Node): Import | null {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
    return { target: node.moduleSpecifier.text, typeOnly: isTypeOnly(node.importClause) }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
    return { target: node.moduleSpecifier.text, typeOnly: node.isTypeOnly }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    if (argument && ts.isStringLiteral(argument)) return { target: argument.text, typeOnly: false }
  }
  return null
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.isTypeOnly) return true
  const names = clause.namedBindings
  return Boolean(
    !clause.name &&
      names &&
      ts.isNamedImports(names) &&
      names.elements.every((element) => element.isTypeOnly),
  )
}

function resolveImport(from: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(from), specifier)) : specifier
}

const EFFECT_CALLS = new Set([
  "Date.now",
  "Math.random",
  "performance.now",
  "fetch",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "crypto.randomUUID",
  "crypto.getRandomValues",
  "randomUUID",
  "randomBytes",
  "randomInt",
])

/** What in this node reads the clock, the environment or chance, or talks to the world. */
function effectOf(node: ts.Node): string | null {
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText().replace(/^globalThis\./, "")
    return EFFECT_CALLS.has(callee) ? `${callee}()` : null
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length)
    return "new Date()"
  if (ts.isPropertyAccessExpression(node) && /^process\.env$/.test(node.getText())) return "process.env"
  return null
}

/** Names of all folders below the given ones. */
export function folderNames(folders: string[]): string[] {
  return folders.flatMap(filesUnder).flatMap((path) => relative(".", dirname(path)).split(sep))
}

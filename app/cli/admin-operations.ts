/** Every operation that the app sends to the Admin API, found by the tag `#graphql` that starts its template literal. */
import { globSync, readFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { projectRoot } from "./set-up/project.mjs"

export type AdminOperation = {
  /** Relative to the project. */
  file: string
  text: string
}

const TAGGED = /`#graphql\s([^`]*)`/g

export function adminOperations(): AdminOperation[] {
  const folder = join(projectRoot, "app")
  return globSync("**/*.{ts,tsx}", { cwd: folder })
    .filter((file) => !/\.test\.tsx?$|\.d\.ts$/.test(file))
    .sort()
    .flatMap((file) => {
      const path = resolve(folder, file)
      const found = readFileSync(path, "utf8").matchAll(TAGGED)
      return [...found].map(([, text = ""]) => ({ file: relative(projectRoot, path), text }))
    })
}

/**
 * Where the embedded PostgreSQL's files lie. For an ordinary user in the state folder. For root, whose server runs as
 * another account that a home of mode 700 is closed to, in a folder of /var/tmp that the state folder names: a state
 * folder that was deleted and made again has new keys, and must not meet the data that its old ones sealed.
 */
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { AppError } from "../errors.ts"

export const isRoot = process.getuid?.() === 0

const OPEN_TO_ALL = "/var/tmp"
const PREFIX = "throughline-"

/** @throws AppError `unavailable` where root's folder belongs to somebody else. */
export function reachableFolder(home: string): string {
  const wanted = join(resolve(home), "postgres")
  mkdirSync(wanted, { recursive: true, mode: 0o700 })
  if (!isRoot) return wanted
  const name = join(wanted, "instance")
  // Exclusive, so that of two processes at the first start one name stands.
  if (!existsSync(name)) makeOnce(name, randomBytes(6).toString("hex"))
  const folder = join(OPEN_TO_ALL, `${PREFIX}${readFileSync(name, "utf8").trim()}`)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  if (statSync(folder).uid !== 0)
    throw new AppError(
      "unavailable",
      `${folder} is not root's. Remove it, or start Throughline as its owner.`,
    )
  writeFileSync(join(folder, "home"), wanted, { mode: 0o600 })
  return folder
}

function makeOnce(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx", mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
}

/**
 * Root's folders whose state folder was deleted, while what it lay in is still there (or was temporary): nothing can
 * open their data any more. A state folder on a disk that is just not mounted is not taken for deleted.
 */
export function abandonedFolders(): string[] {
  if (!isRoot) return []
  return readdirSync(OPEN_TO_ALL)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(OPEN_TO_ALL, name))
    .filter((folder) => statSync(folder).uid === 0 && isAbandoned(folder))
}

function isAbandoned(folder: string): boolean {
  const note = join(folder, "home")
  if (!existsSync(note)) return false
  const wanted = readFileSync(note, "utf8")
  const instance = join(wanted, "instance")
  if (existsSync(instance))
    return folder !== join(OPEN_TO_ALL, `${PREFIX}${readFileSync(instance, "utf8").trim()}`)
  return existsSync(dirname(dirname(wanted))) || wanted.startsWith(tmpdir())
}

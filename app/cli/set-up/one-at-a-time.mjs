/**
 * Two launches must not install into one folder at once. The lock is a file that its holder touches every few
 * seconds; one that nobody touched for a while was left by a killed launch, and is taken over.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { SetUpError, say } from "./show.mjs"

const TOUCH_MS = 2_000
const STALE_MS = 15_000
const GIVE_UP_MS = 20 * 60_000
const POLL_MS = 250

/** Runs `work` while this process alone holds `lockFile`. */
export async function oneAtATime(lockFile, work) {
  mkdirSync(dirname(lockFile), { recursive: true })
  await take(lockFile)
  const touching = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(lockFile, now, now)
    } catch {
      // Somebody removed the lock by hand: the work goes on, and its end finds nothing to remove.
    }
  }, TOUCH_MS)
  try {
    return await work()
  } finally {
    clearInterval(touching)
    rmSync(lockFile, { force: true })
  }
}

async function take(lockFile) {
  const deadline = Date.now() + GIVE_UP_MS
  let told = false
  while (!tryToTake(lockFile)) {
    if (removeIfAbandoned(lockFile)) continue
    if (!told) say(`Another launch (process ${holder(lockFile)}) is setting up this folder: waiting for it.`)
    told = true
    if (Date.now() > deadline)
      throw new SetUpError(
        `Another launch has been setting up this folder for 20 minutes.\n  If none is running, delete ${lockFile} and try again.`,
      )
    await wait(POLL_MS)
  }
}

function tryToTake(lockFile) {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error.code === "EEXIST") return false
    if (error.code === "EACCES" || error.code === "EROFS" || error.code === "EPERM")
      throw new SetUpError(
        `This folder cannot be written to (${lockFile}: ${error.code}).\n  Run the command as the folder's owner, or copy the project to a folder of your own.`,
      )
    throw error
  }
}

function holder(lockFile) {
  try {
    return Number(readFileSync(lockFile, "utf8"))
  } catch {
    return 0 // It was let go of between two looks.
  }
}

/** Moves the old lock away first: of several that wait, one alone succeeds in that. */
function removeIfAbandoned(lockFile) {
  try {
    if (isAlive(holder(lockFile)) && Date.now() - statSync(lockFile).mtimeMs < STALE_MS) return false
    const moved = `${lockFile}.${process.pid}`
    renameSync(lockFile, moved)
    rmSync(moved, { force: true })
    return true
  } catch (error) {
    if (error.code === "ENOENT") return true
    throw error
  }
}

function isAlive(pid) {
  // An empty file is a lock that is just being written.
  if (pid === 0) return true
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === "EPERM"
  }
}

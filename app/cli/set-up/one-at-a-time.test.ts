import { existsSync, mkdtempSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { expect, test } from "vitest"
import { oneAtATime } from "./one-at-a-time.mjs"

const newLock = () => join(mkdtempSync(join(tmpdir(), "throughline-lock-")), "set-up.lock")

test("of several at once one works at a time, and the lock is gone at the end", async () => {
  const lock = newLock()
  let inside = 0
  let most = 0
  const done: number[] = []
  await Promise.all(
    [1, 2, 3].map((one) =>
      oneAtATime(lock, async () => {
        most = Math.max(most, ++inside)
        await wait(20)
        inside--
        done.push(one)
      }),
    ),
  )
  expect({ most, done: done.sort() }).toEqual({ most: 1, done: [1, 2, 3] })
  expect(existsSync(lock)).toBe(false)
})

test("a lock whose holder is dead is taken over", async () => {
  const lock = newLock()
  writeFileSync(lock, "4194305") // above the largest process id of Linux
  expect(await oneAtATime(lock, async () => "worked")).toBe("worked")
})

test("a lock that nobody touches any more is taken over, though its process id lives again", async () => {
  const lock = newLock()
  writeFileSync(lock, String(process.pid))
  utimesSync(lock, new Date(0), new Date(0))
  expect(await oneAtATime(lock, async () => "worked")).toBe("worked")
})

test("work that fails lets go of the lock", async () => {
  const lock = newLock()
  await expect(oneAtATime(lock, () => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk")
  expect(await oneAtATime(lock, async () => "worked")).toBe("worked")
})

import { expect, test } from "vitest"
import { fileOfArchive } from "./file-of-archive.mjs"

/** Blocks of a ustar archive with one file; `prefix` is the part of a long name that its field cannot hold. */
function entry(name: string, content: string, prefix = ""): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124)
  header.write("ustar\0", 257)
  header.write(prefix, 345)
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)])
}

const archive = Buffer.concat([
  entry("package/one", "a".repeat(512)),
  entry("two", "second", "package/far/away"),
  entry("package/three", "third"),
  Buffer.alloc(1024),
])

test("a file is found by its whole name, behind files that fill their blocks or not", () => {
  expect(fileOfArchive(archive, "package/one")?.toString()).toBe("a".repeat(512))
  expect(fileOfArchive(archive, "package/far/away/two")?.toString()).toBe("second")
  expect(fileOfArchive(archive, "package/three")?.toString()).toBe("third")
})

test("what is not in an archive is null, and an archive that was cut short ends", () => {
  expect(fileOfArchive(archive, "two")).toBeNull()
  expect(fileOfArchive(archive.subarray(0, 700), "package/three")).toBeNull()
})

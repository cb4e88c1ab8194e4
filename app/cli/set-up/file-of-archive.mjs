/**
 * A tar archive is a row of 512-byte headers, each followed by its file in whole blocks: the name is at 0 (100 bytes,
 * continued by a prefix at 345), the size at 124 in octal (POSIX.1-1988, “ustar”).
 */
export function fileOfArchive(archive, wanted) {
  const text = (from, length) => archive.toString("utf8", from, from + length).replace(/\0.*$/s, "")
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const prefix = text(at + 345, 155)
    const name = (prefix ? `${prefix}/` : "") + text(at, 100)
    const size = Number.parseInt(text(at + 124, 12), 8)
    if (name === wanted) return archive.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  return null
}

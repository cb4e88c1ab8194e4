export function fileOfArchive(archive: Buffer, wanted: string): Buffer | null

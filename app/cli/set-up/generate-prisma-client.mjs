import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { projectRoot } from "./project.mjs"
import { runQuietly } from "./run-quietly.mjs"
import { SetUpError, withProgress } from "./show.mjs"

/** Lies beside the client, so that it goes when the packages are installed anew. */
const stamp = join(projectRoot, "node_modules", ".prisma", "client", "made-from")

export function prismaClientIsCurrent() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === source()
}

export async function generatePrismaClient(node) {
  const command = [join(projectRoot, "node_modules", "prisma", "build", "index.js"), "generate"]
  await withProgress(
    "Database client",
    () => null,
    async () => {
      const { code, said } = await runQuietly(node, command, {
        cwd: projectRoot,
        env: { CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" },
      })
      if (code !== 0)
        throw new SetUpError(`Prisma could not make its client from prisma/schema.prisma:\n${said.trim()}`)
    },
  )
  writeFileSync(stamp, source())
}

function source() {
  const hash = createHash("sha256")
  for (const file of ["prisma/schema.prisma", "node_modules/prisma/package.json"])
    hash.update(readFileSync(join(projectRoot, file)))
  return hash.digest("hex")
}

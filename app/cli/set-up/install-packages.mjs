import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { projectRoot } from "./project.mjs"
import { runNpm } from "./run-npm.mjs"
import { SetUpError, say, withProgress } from "./show.mjs"

/** npm writes this when an install is complete, never before. */
const INSTALLED_LIST = join(projectRoot, "node_modules", ".package-lock.json")

/** True when every package of the lock file that this platform can have is there, in the version named. */
export function packagesAreInstalled(lock) {
  if (!existsSync(INSTALLED_LIST)) return false
  const { packages: installed } = JSON.parse(readFileSync(INSTALLED_LIST, "utf8"))
  return wanted(lock).every(([path, { version }]) => installed[path]?.version === version && isUnpacked(path))
}

/** Runs `npm ci`, whatever the person's npm settings say about omitting, scripts or a global folder. */
export async function installPackages(lock) {
  const paths = wanted(lock).map(([path]) => path)
  say(
    `Installing ${paths.length} packages: about 600 MB to fetch and 1.3 GB on disk, one to three minutes the first time.`,
  )
  const share = () => paths.filter(isUnpacked).length / paths.length
  const args = [
    "ci",
    ...["dev", "optional", "peer"].map((kind) => `--include=${kind}`),
    // Nothing runs on install; what has to (Node itself, Prisma's client) the next steps do in the open.
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ]
  await withProgress("Packages", share, async () => {
    const { code, said } = await runNpm(args, {
      NODE_ENV: "development", // "production" would leave the tools out
      ONNXRUNTIME_NODE_INSTALL: "skip", // the processor's library is in the package; this is the GPU's
    })
    if (code !== 0 || !packagesAreInstalled(lock)) throw new SetUpError(explain(said))
  })
}

/** Platform packages included, for a PostgreSQL or a bundler that is missing shows only much later. */
function wanted(lock) {
  const fits = (list, own) =>
    !list || list.includes(own) || (list[0]?.startsWith("!") && !list.includes(`!${own}`))
  return Object.entries(lock.packages).filter(
    ([path, { os, cpu, libc }]) =>
      path !== "" && fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, "glibc"),
  )
}

function isUnpacked(path) {
  return existsSync(join(projectRoot, path, "package.json"))
}

const CURES = [
  [/ENOSPC/, "The disk is full. Free some space and run the same command again."],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/,
    "The package registry did not answer. Check the network and npm's registry and proxy settings (npm config list), then run the same command again.",
  ],
  [
    /EACCES|EPERM|EROFS/,
    "A file or folder could not be written. Is this folder, or npm's cache (npm config get cache), owned by another user?",
  ],
  [
    /EINTEGRITY|Z_DATA_ERROR|TAR_/,
    "A package arrived damaged. Run “npm cache clean --force” and the same command again.",
  ],
  [
    /ETARGET|E404/,
    "The registry has no such package or version. A mirror may be behind: check npm config get registry.",
  ],
  [
    /in sync/,
    "package.json and package-lock.json differ. Run “npm install” and commit the lock file, or undo the change.",
  ],
  [/E401|E403/, "The registry refused the request. Check the credentials in your .npmrc."],
]

/** npm's own words, and the cure where one is known. */
export function explain(said, what = "The packages could not be installed") {
  const lines = said.trim().split("\n").slice(-12).join("\n  ")
  const cure = CURES.find(([pattern]) => pattern.test(said))?.[1]
  return `${what}. npm said:\n  ${lines || "(nothing)"}\n${cure ?? "Run the same command again; an install that stopped half-way is made good."}`
}

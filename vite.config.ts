import { dirname, join, relative, resolve, sep } from "node:path"
import { vitePlugin as remix } from "@remix-run/dev"
import { defineConfig, type Plugin } from "vite"

const appFolder = join(import.meta.dirname, "app")

/** As build/server/index.js, the one file of the server bundle, sees it. */
const appFromBundle = "../../app"

/** Everything below these needs the bundler (JSX, styles); the rest of app/ runs in Node as it is written. */
const BUNDLED = /^(routes|components)\/|^(root|entry\.[a-z]+)\.tsx$/

/**
 * Leaves app's own modules out of the server bundle: Node runs the source files. So a module that holds state (the
 * database pool, the scorer, buffers) exists once in a process, whoever imports it: the bundle, web.ts or a
 * job. And `import.meta.dirname` means the same place in every process.
 */
function runSourceInNode(): Plugin {
  return {
    name: "run-source-in-node",
    apply: "build",
    enforce: "pre",
    resolveId(id, importer, options) {
      if (!options.ssr || !importer || !id.startsWith(".")) return null
      const file = resolve(dirname(importer.replace(/\?.*$/, "")), id)
      const inApp = relative(appFolder, file).split(sep).join("/")
      if (inApp.startsWith("..") || !inApp.endsWith(".ts") || BUNDLED.test(inApp)) return null
      return { id: `${appFromBundle}/${inApp}`, external: true }
    },
  }
}

export default defineConfig({
  plugins: [
    runSourceInNode(),
    remix({
      ignoredRouteFiles: ["**/*.test.{ts,tsx}"],
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        // A handful of routes: the whole manifest is sent, and /__manifest (CVE-2026-42342) is closed.
        v3_lazyRouteDiscovery: false,
        v3_singleFetch: true,
      },
    }),
  ],
  build: { assetsInlineLimit: 0, target: "es2022" },
})

import { defineConfig } from "vitest/config"

/** Tests in a real Chromium against the real web process. One at a time: they measure what a visitor sees. */
export default defineConfig({
  test: {
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: ["tests/support/global-setup.ts", "tests/browser/build-web.ts"],
    setupFiles: ["tests/support/environment.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 240_000,
  },
})

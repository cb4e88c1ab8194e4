import { expect, test } from "vitest"
import { channelOf } from "./segments.ts"

test("a source's channel is what stands before its campaign", () => {
  expect(["email:spring", " Ad:Sale ", "search", null, ""].map(channelOf)).toEqual([
    "email",
    "ad",
    "search",
    "direct",
    "direct",
  ])
})

test("names that are no channel's cannot flood the map", () => {
  expect(["<script>", "x".repeat(200), "🌵", ":campaign"].map(channelOf)).toEqual([
    "other",
    "other",
    "other",
    "other",
  ])
})

import { expect, test } from "vitest"
import { readOptions } from "./options.ts"

const read = (command: string) => readOptions(command.split(" "))

test("a log is split by time with seed 1 unless something else is said", () => {
  expect(read("--events e.csv --target purchase")).toMatchObject({
    kind: "log",
    events: "e.csv",
    items: null,
    split: "time",
    seed: 1,
    threads: null,
    cutMs: null,
    behaviourModel: false,
  })
  expect(read("--events e.csv --target next-event --behaviour-model")).toMatchObject({ behaviourModel: true })
  expect(read("--events e.csv --target spend --seed 7 --threads 2 --cut 2026-03-31")).toMatchObject({
    seed: 7,
    threads: 2,
    cutMs: Date.UTC(2026, 2, 31),
  })
})

test("files to merge stand after --merge", () => {
  expect(read("--merge a.json b.json --json c.json")).toMatchObject({
    kind: "merge",
    files: ["a.json", "b.json"],
    json: "c.json",
  })
})

test.each([
  ["--target purchase", /--events FILE, --table FILE or --merge/],
  ["--events e.csv --table t.csv", /one of them, got --events and --table/],
  ["--events e.csv", /--target next-event\|.*got none/],
  ["--events e.csv --target churn", /got "churn"/],
  ["--events e.csv --target purchase --split random", /--split leave-one-out\|time, got "random"/],
  ["--events e.csv --target return --split leave-one-out", /goes with --target next-event alone/],
  [
    "--events e.csv --target next-event --split leave-one-out --cut 2026-01-01",
    /--cut goes with --split time/,
  ],
  [
    "--events e.csv --target spend --behaviour-model",
    /goes with --target next-event alone, got --target spend/,
  ],
  ["--events e.csv --target spend --cut 2026-02-31", /--cut must be a day/],
  ["--events e.csv --target spend --seed 1.5", /--seed must be a whole number/],
  ["--table t.csv --label x --threads 0", /--threads must be a whole number from 1/],
  ["--merge a.json b.json --threads 2", /--threads does not go with --merge/],
  ["--events e.csv --target spend --label x", /--label does not go with --events/],
  ["--table t.csv", /--table FILE with --label COLUMN/],
  ["--table t.csv --label x --target spend", /--target does not go with --table/],
  ["--merge a.json", /at least two files/],
])("%s is refused with what was expected", (command, message) => {
  expect(() => read(command)).toThrow(message)
})

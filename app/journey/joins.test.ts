import { expect, test } from "vitest"
import { joinVisitors, MOST_SHOPPERS_A_LINK } from "./joins.ts"

const anonymous = (link: string, shopperId: string) => ({
  link,
  shopperId,
  personId: shopperId,
  known: false,
})
const known = (link: string, shopperId: string) => ({ link, shopperId, personId: shopperId, known: true })

test("a browser that shares a session with one known shopper is theirs", () => {
  expect(joinVisitors([anonymous("s1", "a"), known("s1", "k"), anonymous("s2", "a")])).toEqual(
    new Map([["a", "k"]]),
  )
})

test("a browser on which several known people signed in is nobody's", () => {
  expect(joinVisitors([anonymous("s1", "a"), known("s1", "k"), known("s1", "l")])).toEqual(
    new Map([["a", null]]),
  )
  const apart = [anonymous("s1", "a"), known("s1", "k"), anonymous("s2", "a"), known("s2", "l")]
  expect(joinVisitors(apart)).toEqual(new Map([["a", null]]))
})

test("anonymous browsers alone are not joined to each other", () => {
  expect(joinVisitors([anonymous("s1", "a"), anonymous("s1", "b")])).toEqual(
    new Map([
      ["a", null],
      ["b", null],
    ]),
  )
})

test("a session id that too many share tells nothing", () => {
  const crowd = Array.from({ length: MOST_SHOPPERS_A_LINK }, (_, index) => anonymous("s1", `a${index}`))
  expect(new Set(joinVisitors([...crowd, known("s1", "k")]).values())).toEqual(new Set([null]))
})

test("a shopper merged by name stands for that person", () => {
  const merged = { link: "s1", shopperId: "b", personId: "k", known: true }
  expect(joinVisitors([anonymous("s1", "a"), merged, known("s1", "k")])).toEqual(new Map([["a", "k"]]))
})

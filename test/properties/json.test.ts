import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJsonObject } from '../../packages/core/src/support/json.js'
import { jsonFaultsOf } from './json-model.js'
import { brokenJson, jsonObject } from './json-string.js'
import { runs } from './runs.js'

/** The object as JSON.stringify writes it, or the fault. */
function answerTo(bytes: Uint8Array): string {
  const answer = parseJsonObject(bytes)
  return typeof answer === 'string' ? answer : JSON.stringify(answer)
}

/** The results that the model allows: any of the faults, or the result of JSON.parse if there are none. */
function allowedFor(bytes: Uint8Array): string[] {
  const faults = jsonFaultsOf(bytes)
  return faults.length > 0 ? faults : [JSON.stringify(JSON.parse(Buffer.from(bytes).toString()))]
}

describe('parseJsonObject', () => {
  test('reads any object as JSON.parse does, and refuses what the model refuses', async () => {
    const seen = new Map<string, number>()
    const property = fc.property(jsonObject, (text) => {
      const bytes = Buffer.from(text)
      const allowed = allowedFor(bytes)
      expect(answerTo(bytes)).toBeOneOf(allowed)
      for (const one of allowed) seen.set(one, (seen.get(one) ?? 0) + 1)
    })
    fc.assert(property, runs(2000))
    // Otherwise the inputs would show nothing.
    for (const fault of ['duplicate-member', 'forbidden-character', 'too-deep'])
      expect([fault, seen.get(fault) ?? 0]).toEqual([fault, expect.toSatisfy((count) => count > 20)])
  })

  test('refuses invalid JSON, and parses a change that gives other valid JSON', () => {
    const property = fc.property(brokenJson, (text) => {
      const bytes = Buffer.from(text)
      expect(answerTo(bytes)).toBeOneOf(allowedFor(bytes))
    })
    fc.assert(property, runs(2000))
  })

  test('refuses invalid UTF-8, wherever the wrong byte is', () => {
    const property = fc.property(jsonObject, fc.nat(), fc.uint8Array({ maxLength: 3 }), (text, at, inserted) => {
      const before = Buffer.from(text)
      const cut = at % (before.length + 1)
      const bytes = Buffer.concat([before.subarray(0, cut), inserted, before.subarray(cut)])
      expect(answerTo(bytes)).toBeOneOf(allowedFor(bytes))
    })
    fc.assert(property, runs(1000))
  })
})

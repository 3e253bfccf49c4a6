import { expect, it } from 'vitest'
import { contentsOf, findLeak } from './leaks.js'
import { session, USER } from './token.js'

it('finds eight characters of the request, anywhere in the output', () => {
  expect(findLeak('0123456789', 'before 12345678 after')).toBe('12345678')
  expect(findLeak('0123456789', 'before 1234567 after')).toBeUndefined()
})

it('looks into the decoded parts of a token', () => {
  const sent = contentsOf(`Bearer ${session({ secret: 'hunter2hunter2' })}`)
  expect(findLeak(sent, `user ${USER}`)).toBeDefined()
  expect(findLeak(sent, 'claim hunter2hunter2')).toBeDefined()
  expect(findLeak(sent, session().slice(0, 8))).toBeDefined()
})

it('ignores allowed text, and matches across a quote', () => {
  expect(findLeak('application/jwt', 'application/json', 'application/json')).toBeUndefined()
  expect(findLeak('{"a":null}', '{"b":null}')).toBeUndefined()
})

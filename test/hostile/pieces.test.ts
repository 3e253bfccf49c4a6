import { expect, it } from 'vitest'
import { contentsOf, pieceOf } from './pieces.js'
import { session, USER } from './token.js'

it('finds eight characters of what was sent, wherever they stand', () => {
  expect(pieceOf('0123456789', 'before 12345678 after')).toBe('12345678')
  expect(pieceOf('0123456789', 'before 1234567 after')).toBeUndefined()
})

it('looks into the parts of a token', () => {
  const sent = contentsOf(`Bearer ${session({ secret: 'hunter2hunter2' })}`)
  expect(pieceOf(sent, `user ${USER}`)).toBeDefined()
  expect(pieceOf(sent, 'the claim hunter2hunter2')).toBeDefined()
  expect(pieceOf(sent, session().slice(0, 8))).toBeDefined()
})

it('lets fixed words pass, and what only looks alike on both sides of a quote', () => {
  expect(pieceOf('application/jwt', 'application/json', 'application/json')).toBeUndefined()
  expect(pieceOf('{"a":null}', '{"b":null}')).toBeUndefined()
})

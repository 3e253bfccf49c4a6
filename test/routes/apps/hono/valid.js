import { HTTPException } from 'hono/http-exception'
import { validator } from 'hono/validator'

/**
 * Refuses requests whose JSON body lacks a field.
 *
 * @param {string[]} fields
 */
export const json = (...fields) =>
  validator('json', (body) => {
    if (fields.some((field) => body[field] === undefined)) throw new HTTPException(422)
    return body
  })

/** Refuses requests whose page is not a number. */
export const page = validator('query', ({ page = '1' }) => {
  if (!/^\d+$/.test(String(page))) throw new HTTPException(422)
  return { page: Number(page) }
})

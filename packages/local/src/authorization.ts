/** Headers of a request with a bearer token: RFC 6750 section 2.1. */
// Not an interface: that would not be assignable to the index signature of HeadersInit.
export type Authorization = { readonly authorization: string }

/**
 * For `fetch`, for `set()` of supertest, and for the `headers` of `fastify.inject` and Hono's `app.request`.
 *
 * @throws {TypeError} if `token` is not a string, such as a promise
 */
export function authorization(token: string): Authorization {
  if (typeof token !== 'string') throw new TypeError('authorization() takes a token string: is an await missing?')
  return { authorization: `Bearer ${token}` }
}

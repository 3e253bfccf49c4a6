import { randomUUID } from 'node:crypto'

/** @typedef {(...request: Parameters<import('express').RequestHandler>) => void} Middleware */

/** @type {Middleware} */
export function requestId(req, res, next) {
  res.set('X-Request-Id', req.get('X-Request-Id') ?? randomUUID())
  next()
}

/** @type {Middleware} */
export function secureHeaders(_req, res, next) {
  res.set({ 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "default-src 'none'" })
  next()
}

/**
 * Limits the requests of an address in a minute.
 *
 * @param {{ requests: number }} limit
 * @returns {Middleware}
 */
export function withinLimit({ requests }) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  return (req, res, next) => {
    const window = `${req.ip} ${Math.floor(Date.now() / 60_000)}`
    const count = (counts.get(window) ?? 0) + 1
    counts.set(window, count)
    if (count > requests) res.status(429).set('Retry-After', '60').end()
    else next()
  }
}

/**
 * Refuses requests with another body.
 *
 * @param {readonly string[]} fields required in the body
 * @returns {Middleware}
 */
export function body(fields) {
  return (req, res, next) => {
    const missing = fields.filter((field) => req.body?.[field] === undefined)
    if (missing.length > 0) res.status(422).json({ title: `missing: ${missing.join(', ')}` })
    else next()
  }
}

/** @type {Middleware} */
export function methodNotAllowed(_req, res) {
  res.status(405).end()
}

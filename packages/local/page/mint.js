import { announce } from './announce.js'
import { post } from './ask.js'
import { copy } from './clipboard.js'
import { element } from './element.js'
import { pressedOnce } from './press.js'
import { briefly } from './text.js'

/** The paths where the instance mints tokens, by kind. */
export const MINT_PATHS = {
  session: '/_local/tokens/session',
  m2m: '/_local/tokens/m2m',
  oauth: '/_local/tokens/oauth',
  apiKey: '/_local/tokens/api-key',
}

/**
 * What a button mints.
 *
 * @typedef {object} Minting
 * @property {string} label text of the button
 * @property {string} what description of the copied text, such as `a session token`
 * @property {string} path
 * @property {() => object} input
 * @property {(token: string) => string} [form] formats the token before it is copied
 */

/**
 * A button that mints a token and copies it.
 *
 * @param {Minting} minting
 * @param {string} owner
 * @param {() => void} onMinted
 */
export function mintButton({ label, what, path, input, form = (token) => token }, owner, onMinted) {
  const button = element('button', { type: 'button', 'aria-label': `Copy ${what} of ${briefly(owner)}` }, label)
  return pressedOnce(button, async () => {
    const outcome = await /** @type {typeof post<{ readonly token: string }>} */ (post)(path, input())
    if (!outcome.ok) return announce(outcome.problem)
    await copy(form(outcome.value.token), `${what} of ${briefly(owner)}`)
    onMinted()
  })
}

/**
 * A shell command that calls an API with a token.
 *
 * @param {string} token
 */
export function curlOf(token) {
  return `curl -H 'authorization: Bearer ${token}' http://localhost:3000/`
}

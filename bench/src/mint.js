// Measures the cost of minting a token in the local instance, in process.
import { startLocalClerk } from '@clerk-auth/local'
import { SignJWT, createRemoteJWKSet, decodeJwt, generateKeyPair, jwtVerify } from 'jose'
import { OAuth2Server } from 'oauth2-mock-server'
import { measure, median, ratio } from './measure.js'
import { micros, printTable, progress, times } from './report.js'

/**
 * @typedef {object} Minter
 * @property {string} name
 * @property {() => Promise<string>} mint
 */

/** @param {{ quick: boolean }} options */
export async function mintedTokens({ quick }) {
  const size = quick ? { rounds: 2, batches: 10, callsPerBatch: 5 } : { rounds: 7, batches: 40, callsPerBatch: 10 }
  const local = await startLocalClerk()
  const elliptic = await startLocalClerk({ algorithm: 'ES256' })
  const peer = await startPeer()
  const minters = [
    await bareJose(decodeJwt(await local.sessionToken())),
    { name: 'session token, RS256', mint: () => local.sessionToken() },
    { name: 'oauth2-mock-server: an access token, RS256', mint: () => peer.issuer.buildToken() },
    { name: 'session token, ES256', mint: () => elliptic.sessionToken() },
    { name: 'token of a JWT template, RS256', mint: () => local.templateToken() },
    { name: 'M2M token, JWT, RS256', mint: () => local.m2mToken({ format: 'jwt' }) },
    { name: 'OAuth access token, JWT, RS256', mint: () => local.oauthToken() },
    { name: 'M2M token, opaque', mint: () => local.m2mToken() },
    { name: 'OAuth access token, opaque', mint: () => local.oauthToken({ format: 'opaque' }) },
    { name: 'API key', mint: () => local.apiKey() },
  ]
  await check(local.url, await local.sessionToken())
  await check(elliptic.url, await elliptic.sessionToken())
  await check(peer.issuer.url ?? '', await peer.issuer.buildToken(), '/jwks')

  progress('minting tokens')
  const measured = await measure(minters.map(contestantOf), [''], size)
  const [bare = []] = measured
  printTable(
    'Minting a token in process, µs, one after another',
    ['', 'µs', 'a second', '/ bare jose'],
    minters.map(({ name }, i) => {
      const own = measured[i] ?? []
      return [name, micros(median(own)), Math.round(1e6 / median(own)).toLocaleString('en'), times(ratio(own, bare))]
    }),
  )
  await Promise.all([local.close(), elliptic.close(), peer.stop()])
}

/** @returns {Promise<OAuth2Server>} */
async function startPeer() {
  const peer = new OAuth2Server()
  await peer.issuer.keys.generate('RS256')
  await peer.start(0, '127.0.0.1')
  return peer
}

/**
 * The minimum: only signing, with the same claims.
 *
 * @param {import('jose').JWTPayload} claims
 * @returns {Promise<Minter>}
 */
async function bareJose(claims) {
  const { privateKey } = await generateKeyPair('RS256')
  return {
    name: 'bare jose: the claims of the next line',
    mint: () => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'bench', typ: 'JWT' }).sign(privateKey),
  }
}

/**
 * @param {Minter} minter
 * @returns {import('./measure.js').Contestant<string>}
 */
function contestantOf({ name, mint }) {
  return { name, prepare: (token) => token, verify: mint }
}

/**
 * Checks that minted tokens are accepted, because an invalid token is cheap to make.
 *
 * @param {string} url
 * @param {string} token
 * @param {string} [path]
 */
async function check(url, token, path = '/.well-known/jwks.json') {
  await jwtVerify(token, createRemoteJWKSet(new URL(path, url)), { issuer: url })
}

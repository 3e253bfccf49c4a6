import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { startLocalClerk } from '@clerk-auth/local'
import { decodeJwt } from 'jose'
import { encode, SERIAL_LENGTH, SIGNATURE_BYTES } from './growth-tokens.js'
import { progress } from './report.js'
import { headerOf, ISSUER } from './token-parts.js'

const DAY_IN_SECONDS = 86_400

/**
 * EdDSA session tokens that are valid for a day, signed on all cores.
 *
 * @param {number} count
 */
export async function mintLiveTokens(count) {
  const template = await createTemplate()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const shared = new SharedArrayBuffer(count * SIGNATURE_BYTES)
  const workers = availableParallelism()
  let signed = 0

  progress(`minting ${count} tokens on ${workers} cores`)
  await Promise.all(
    Array.from({ length: workers }, async (_, i) => {
      const from = Math.floor((count * i) / workers)
      const to = Math.floor((count * (i + 1)) / workers)
      const worker = new Worker(new URL('growth-sign.js', import.meta.url), {
        workerData: { template, privateKey, shared, from, to },
      })
      worker.on('message', (more) => {
        signed += more
        progress(`minted ${signed} of ${count}`)
      })
      const [code] = await once(worker, 'exit')
      if (code !== 0) throw new Error(`minting ended with exit code ${code}`)
    }),
  )
  return {
    template,
    jwtKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signatures: Buffer.from(shared),
  }
}

/** @returns {Promise<import('./growth-tokens.js').Template>} of the session tokens that `mintTokens` makes */
async function createTemplate() {
  const local = await startLocalClerk({ algorithm: 'ES256' })
  const claims = decodeJwt(await local.sessionToken())
  await local.close()
  const serial = '#'.repeat(SERIAL_LENGTH)
  const exp = Math.floor(Date.now() / 1000) + DAY_IN_SECONDS
  const payload = JSON.stringify({ ...claims, iss: ISSUER, exp, sid: `sess_${serial}` })
  const [before = '', after = ''] = payload.split(serial)
  return { header: encode(JSON.stringify(headerOf('EdDSA'))), before, after }
}

/** Encrypts and names what is shared, so that the store learns neither tokens nor who they belong to. */
export interface Seal {
  /** Names a value after what it is about. Nothing can be concluded from the name without the secret. */
  readonly nameOf: (parts: readonly string[]) => Promise<string>
  /** @param name where the value is stored: it cannot be opened elsewhere */
  readonly seal: (value: unknown, name: string) => Promise<string>
  /** `undefined` if the text was not sealed with one of the secrets, or for another name. */
  readonly open: (text: string, name: string) => Promise<unknown>
}

interface Keys {
  /** Tells which secret sealed a text. */
  readonly id: string
  readonly naming: CryptoKey
  readonly sealing: CryptoKey
}

const IV_BYTES = 12

/** @param secrets the first seals, all open */
export function sealOf(secrets: readonly string[]): Seal {
  const all = Promise.all(secrets.map(keysOf))
  const encoder = new TextEncoder()

  return {
    nameOf: async (parts) => {
      const { naming } = (await all)[0]!
      // As JSON, so that no two lists of parts look the same.
      const mac = await crypto.subtle.sign('HMAC', naming, encoder.encode(JSON.stringify(parts)))
      return base64(new Uint8Array(mac))
    },
    seal: async (value, name) => {
      const { id, sealing } = (await all)[0]!
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const parameters = { name: 'AES-GCM', iv, additionalData: encoder.encode(name) }
      const sealed = await crypto.subtle.encrypt(parameters, sealing, encoder.encode(JSON.stringify(value)))
      return `${id}.${base64(iv)}.${base64(new Uint8Array(sealed))}`
    },
    open: async (text, name) => {
      try {
        // Throws if someone else has written something that is not a string.
        const [id, iv, sealed] = text.split('.')
        const keys = (await all).find((one) => one.id === id)
        if (!keys || iv === undefined || sealed === undefined) return undefined
        const parameters = { name: 'AES-GCM', iv: bytesOf(iv), additionalData: encoder.encode(name) }
        const opened = await crypto.subtle.decrypt(parameters, keys.sealing, bytesOf(sealed))
        return JSON.parse(new TextDecoder().decode(opened)) as unknown
      } catch {
        return undefined
      }
    },
  }
}

/** Keys for different purposes are derived from the secret by HKDF (RFC 5869). */
async function keysOf(secret: string): Promise<Keys> {
  const encoder = new TextEncoder()
  const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ])
  const hkdf = (info: string) => {
    return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(`clerk-auth ${info}`) }
  }
  const [naming, sealing, id] = await Promise.all([
    crypto.subtle.deriveKey(hkdf('naming'), material, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']),
    crypto.subtle.deriveKey(hkdf('sealing'), material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
    crypto.subtle.deriveBits(hkdf('id'), material, 48),
  ])
  return { id: base64(new Uint8Array(id)), naming, sealing }
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** @throws if the text is not base64 */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto'

const WORD_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The same id for the same name in every run and instance, in Clerk's format: `user_` and 27 characters. */
export function idOf(prefix: IdPrefix, name: string): string {
  return `${prefix}_${wordOf(createHash('sha256').update(`${prefix}:${name}`).digest(), 27)}`
}

/** A random id in the same format. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomWord(27)}`
}

/** What the ids of a kind of record begin with, such as `user`. */
export type IdPrefix =
  | 'act'
  | 'ak'
  | 'alid'
  | 'app'
  | 'blid'
  | 'client'
  | 'cpayee'
  | 'cpayer'
  | 'cplan'
  | 'cpm'
  | 'cprod'
  | 'csub'
  | 'csub_item'
  | 'dmn'
  | 'dvb'
  | 'eac'
  | 'ema'
  | 'ep'
  | 'feat'
  | 'idn'
  | 'img'
  | 'ins'
  | 'inv'
  | 'jtmp'
  | 'mch'
  | 'msg'
  | 'mt'
  | 'oa'
  | 'oag'
  | 'oat'
  | 'org'
  | 'orgdmn'
  | 'orginv'
  | 'orgmem'
  | 'ort'
  | 'pay'
  | 'perm'
  | 'proxchk'
  | 'role'
  | 'samlc'
  | 'rset'
  | 'ru'
  | 'sess'
  | 'sit'
  | 'sms'
  | 'stmt'
  | 'sua'
  | 'tmpl'
  | 'user'
  | 'wle'

/** Encodes a digest as `length` word characters. */
export function wordOf(bytes: Uint8Array, length: number): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let word = ''
  while (word.length < length) {
    word += WORD_CHARACTERS[Number(rest % 62n)]
    rest /= 62n
  }
  return word
}

export function randomWord(length: number): string {
  return Array.from({ length }, () => WORD_CHARACTERS[randomInt(62)]).join('')
}

/** The id of a token record, in Clerk's format: `mt_` and 32 hexadecimal digits. */
export function newTokenId(prefix: TokenPrefix): string {
  return `${prefix}_${randomBytes(16).toString('hex')}`
}

/** An opaque token, or the secret key of a machine, which has the prefix of an API key. */
export function newSecret(prefix: TokenPrefix): string {
  return `${prefix}_${randomWord(42)}`
}

/** The same secret for the same name and key. It does not reveal the key. */
export function secretOf(prefix: TokenPrefix, key: string, name: string): string {
  return `${prefix}_${wordOf(createHmac('sha256', key).update(name).digest(), 42)}`
}

/** The secret of an OAuth application: 32 characters, as on a real instance. */
export function newClientSecret(): string {
  return randomWord(32)
}

export type TokenPrefix = 'ak' | 'mt' | 'oat'

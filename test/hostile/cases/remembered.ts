import type { Table } from '../attacks.js'
import { accepted, refused, type Case } from '../case.js'
import { es256, KID, rs256, type Signer } from '../keys.js'
import { machine, partsOf, replaced, session, USER, WORKER } from '../token.js'

const byRsa = (sign: Signer) => session({}, {}, sign)
const alice = session()
const bob = session({ sub: 'user_2bob0000000000000000000000' })

const [a, b] = [partsOf(alice), partsOf(bob)]

const otherHeader = partsOf(session({}, { pad: 1 })).header

function withLastOctetChanged(part: string): string {
  const octets = Buffer.from(part, 'base64url')
  octets[octets.length - 1]! ^= 1
  return octets.toString('base64url')
}

export const remembered = {
  'a signature of other octets': refused('token-invalid-signature', {
    'the payload of another token': replaced(alice, { payload: b.payload }),
    'the signature of another token': replaced(alice, { signature: b.signature }),
    'the header of another token': replaced(alice, { header: otherHeader }),
    'the header of another kind of token': replaced(alice, { header: partsOf(session({}, { cat: undefined })).header }),
    'a payload with other white space': replaced(alice, { payload: respelt(a.payload) }),
    'the payload alone': byRsa((input) => rs256(Buffer.from(input.toString().split('.')[1]!))),
    'the payload before it was encoded': byRsa((input) =>
      rs256(Buffer.from(input.toString().split('.')[1]!, 'base64url')),
    ),
    'header and payload without the dot': byRsa((input) => rs256(Buffer.from(input.toString().replace('.', '')))),
    'header and payload with a line end': byRsa((input) => rs256(Buffer.concat([input, Buffer.from('\n')]))),
    nothing: byRsa(() => rs256(Buffer.alloc(0))),
  }),

  'a remembered token, changed': [
    ...refused(
      'token-invalid-signature',
      {
        'in the last octet of its signature': replaced(alice, { signature: withLastOctetChanged(a.signature) }),
        'in its payload': replaced(alice, { payload: b.payload }),
        'in its header': replaced(alice, { header: otherHeader }),
        'in its signature, for that of another': replaced(alice, { signature: b.signature }),
      },
      { after: alice },
    ),
    ...refused(
      'token-malformed',
      {
        'in its last character, which says the same': replaced(alice, {
          signature: a.signature.slice(0, -1) + nextOf(a.signature.at(-1)!),
        }),
        'by a dot': `${alice}.`,
        'without its signature': replaced(alice, { signature: '' }),
      },
      { after: alice },
    ),
    ...refused(
      'token-invalid-algorithm',
      { 'to a token without a signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${a.payload}.` },
      { after: alice },
    ),
    ...refused('credentials-malformed', { 'by a word': `${alice} x` }, { after: alice }).map(withoutHeader),
  ],

  'a remembered token of somebody else': [
    ...accepted(
      { userId: USER },
      { 'with another signature of the same claims': session({}, { alg: 'ES256', kid: KID.p256 }, es256) },
      { after: bob },
    ),
    ...accepted({ userId: 'user_2bob0000000000000000000000' }, { 'with the same header': bob }, { after: alice }),
    ...accepted(
      { userId: 'user_2a', sessionClaims: { sid: 'bc' } },
      { 'with claims that read the same in a row': session({ sub: 'user_2a', sid: 'bc' }) },
      { after: session({ sub: 'user_2ab', sid: 'c' }) },
    ),
    ...accepted({ machineId: WORKER }, { 'of another kind': machine() }, { after: alice, to: '/machine/x' }),
    ...refused('token-type-mismatch', { 'where another kind is asked for': alice }, { after: alice, to: '/machine/x' }),
    ...refused('role-missing', { 'where more is asked for': alice }, { after: alice, to: '/admin/x' }),
  ],
} satisfies Partial<Table<'signatures'>>

function respelt(payload: string): string {
  return Buffer.from(`${Buffer.from(payload, 'base64url').toString()} `).toString('base64url')
}

/** The next character of the alphabet, which stands for the same octets where bits are to spare. */
function nextOf(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(character) + 1]!
}

function withoutHeader(one: Case): Case {
  return 'outcome' in one ? { ...one, outcome: { code: 'credentials-malformed', bare: 'token-malformed' } } : one
}

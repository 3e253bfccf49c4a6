import type { Table } from '../attacks.js'
import { accepted, refused, type Case } from '../case.js'
import { es256, KID, rs256, type Signer } from '../keys.js'
import { machine, partsOf, replaced, session, USER, WORKER } from '../token.js'

const byRsa = (sign: Signer) => session({}, {}, sign)
const alice = session()
const bob = session({ sub: 'user_2bob0000000000000000000000' })

const [a, b] = [partsOf(alice), partsOf(bob)]

const otherHeader = partsOf(session({}, { pad: 1 })).header

function withLastByteChanged(part: string): string {
  const bytes = Buffer.from(part, 'base64url')
  bytes[bytes.length - 1]! ^= 1
  return bytes.toString('base64url')
}

export const cached = {
  'a signature over other bytes': refused('token-invalid-signature', {
    'the payload of another token': replaced(alice, { payload: b.payload }),
    'the signature of another token': replaced(alice, { signature: b.signature }),
    'the header of another token': replaced(alice, { header: otherHeader }),
    'the header of another kind of token': replaced(alice, { header: partsOf(session({}, { cat: undefined })).header }),
    'a payload with different whitespace': replaced(alice, { payload: respelt(a.payload) }),
    'the payload alone': byRsa((input) => rs256(Buffer.from(input.toString().split('.')[1]!))),
    'the payload before it was encoded': byRsa((input) =>
      rs256(Buffer.from(input.toString().split('.')[1]!, 'base64url')),
    ),
    'header and payload without the dot': byRsa((input) => rs256(Buffer.from(input.toString().replace('.', '')))),
    'header and payload with a line break': byRsa((input) => rs256(Buffer.concat([input, Buffer.from('\n')]))),
    nothing: byRsa(() => rs256(Buffer.alloc(0))),
  }),

  'a cached token, modified': [
    ...refused(
      'token-invalid-signature',
      {
        'in the last byte of its signature': replaced(alice, { signature: withLastByteChanged(a.signature) }),
        'in its payload': replaced(alice, { payload: b.payload }),
        'in its header': replaced(alice, { header: otherHeader }),
        'in its signature, replaced by that of another token': replaced(alice, { signature: b.signature }),
      },
      { after: alice },
    ),
    ...refused(
      'token-malformed',
      {
        'with a trailing dot': `${alice}.`,
        'without its signature': replaced(alice, { signature: '' }),
      },
      { after: alice },
    ),
    ...refused(
      'token-invalid-algorithm',
      { 'to a token without a signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${a.payload}.` },
      { after: alice },
    ),
    ...refused('credentials-malformed', { 'with a trailing word': `${alice} x` }, { after: alice }).map(withoutHeader),
  ],

  'a token that resembles a cached one': [
    ...accepted(
      { userId: USER },
      { 'with another signature of the same claims': session({}, { alg: 'ES256', kid: KID.p256 }, es256) },
      { after: bob },
    ),
    ...accepted({ userId: 'user_2bob0000000000000000000000' }, { 'with the same header': bob }, { after: alice }),
    ...accepted(
      { userId: 'user_2a', sessionClaims: { sid: 'bc' } },
      { 'with claims whose concatenation is the same': session({ sub: 'user_2a', sid: 'bc' }) },
      { after: session({ sub: 'user_2ab', sid: 'c' }) },
    ),
    ...accepted({ machineId: WORKER }, { 'of another kind': machine() }, { after: alice, to: '/machine/x' }),
    ...refused('token-type-mismatch', { 'on a route for another kind': alice }, { after: alice, to: '/machine/x' }),
    ...refused('role-missing', { 'on a route that requires a role': alice }, { after: alice, to: '/admin/x' }),
  ],
} satisfies Partial<Table<'signatures'>>

function respelt(payload: string): string {
  return Buffer.from(`${Buffer.from(payload, 'base64url').toString()} `).toString('base64url')
}

function withoutHeader(one: Case): Case {
  return 'outcome' in one ? { ...one, outcome: { code: 'credentials-malformed', bare: 'token-malformed' } } : one
}

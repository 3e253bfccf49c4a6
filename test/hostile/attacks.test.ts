import { describe, expect, it } from 'vitest'
import { ATTACKS, type Section, type Table } from './attacks.js'
import { base64url } from './cases/base64url.js'
import { claims } from './cases/claims.js'
import { cookies } from './cases/cookies.js'
import { grants } from './cases/grants.js'
import { header } from './cases/header.js'
import { http } from './cases/http.js'
import { json } from './cases/json.js'
import { keys } from './cases/keys.js'
import { signatures } from './cases/signatures.js'
import { structure } from './cases/structure.js'

const TABLES: { readonly [S in Section]: Table<S> } = {
  structure,
  base64url,
  json,
  header,
  keys,
  signatures,
  claims,
  grants,
  http,
  cookies,
}

describe.each(Object.keys(ATTACKS) as Section[])('attacks on %s', (section) => {
  const table: Readonly<Record<string, readonly { readonly name: string }[]>> = TABLES[section]

  it('has cases for every attack in the list, and no others', () => {
    expect(Object.keys(table).sort()).toEqual([...ATTACKS[section]].sort())
    for (const [attack, cases] of Object.entries(table)) expect([attack, cases.length > 0]).toEqual([attack, true])
  })

  it('gives the cases of an attack distinct names', () => {
    for (const cases of Object.values(table)) {
      const names = cases.map(({ name }) => name)
      expect(names).toEqual([...new Set(names)])
    }
  })
})

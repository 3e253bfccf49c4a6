import type { SignatureVector } from './signature-vector.js'

/** The JWT Claims Set of appendices A.1 to A.3, A.5 to A.7. */
export const JOE = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
export const JOE_CLAIMS = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true }

/** Appendix A.2: RSASSA-PKCS1-v1_5 with SHA-256. */
export const A2: SignatureVector = {
  source: 'RFC 7515 appendix A.2',
  alg: 'RS256',
  jwk: {
    kty: 'RSA',
    n:
      'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR' +
      'T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB' +
      'dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia' +
      'GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
    e: 'AQAB',
  },
  header: 'eyJhbGciOiJSUzI1NiJ9',
  payload: JOE,
  signature:
    'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9' +
    'uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB' +
    '_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq' +
    'Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
}

/** Appendix A.3: ECDSA with P-256 and SHA-256. */
export const A3: SignatureVector = {
  source: 'RFC 7515 appendix A.3',
  alg: 'ES256',
  jwk: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  },
  header: 'eyJhbGciOiJFUzI1NiJ9',
  payload: JOE,
  signature: 'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
}

/** Appendix A.4: ECDSA with P-521 and SHA-512. The payload is the word "Payload", which is not JSON. */
export const A4: SignatureVector = {
  source: 'RFC 7515 appendix A.4',
  alg: 'ES512',
  jwk: {
    kty: 'EC',
    crv: 'P-521',
    x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
    y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
  },
  header: 'eyJhbGciOiJFUzUxMiJ9',
  payload: 'UGF5bG9hZA',
  signature:
    'AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCA' +
    'PZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn',
}

/** Appendix A.1: HMAC with SHA-256. */
export const A1 = {
  secret: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  header: 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
  payload: JOE,
  signature: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
}

/** Appendix A.5: an unsecured JWS. */
export const A5 = { header: 'eyJhbGciOiJub25lIn0', payload: JOE, signature: '' }

/** Appendix A.6: the signatures of A.2 and A.3 in general JSON serialization. */
export const A6 = {
  payload: JOE,
  signatures: [
    { protected: A2.header, header: { kid: '2010-12-29' }, signature: A2.signature },
    { protected: A3.header, header: { kid: 'e9bc097a-ce51-4036-9562-d2ade882db0d' }, signature: A3.signature },
  ],
} as const

/** Appendix A.7: the signature of A.3 in flattened JSON serialization. */
export const A7 = {
  payload: JOE,
  protected: A3.header,
  header: { kid: 'e9bc097a-ce51-4036-9562-d2ade882db0d' },
  signature: A3.signature,
} as const

/** Appendix E: an unknown header parameter that is declared critical. */
export const E = {
  header:
    'eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9V' +
    'TkRFRklORUQiOnRydWUNCn0',
  payload: 'RkFJTA',
  signature: '',
}

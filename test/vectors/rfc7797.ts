/** Section 4: the payload of both examples. It contains a dot. */
const TWO_CENTS = '$.02'

/** Section 4.1: the payload in base64url, as usual. The secret is that of RFC 7515 appendix A.1. */
export const ENCODED = {
  header: 'eyJhbGciOiJIUzI1NiJ9',
  payload: 'JC4wMg',
  signature: '5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ',
}

/** Section 4.2: `{"alg":"HS256","b64":false,"crit":["b64"]}`. The signature covers the unencoded payload. */
export const UNENCODED = {
  header: 'eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19',
  payload: TWO_CENTS,
  signature: 'A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY',
}

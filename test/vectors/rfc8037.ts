import type { SignatureVector } from './signature-vector.js'

/** Appendix A.4: Ed25519, over the words "Example of Ed25519 signing". */
export const ED25519: SignatureVector = {
  source: 'RFC 8037 appendix A.4',
  alg: 'EdDSA',
  jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  header: 'eyJhbGciOiJFZERTQSJ9',
  payload: 'RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc',
  signature: 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
}

/** Appendix A.3: the thumbprint of that key (RFC 7638). */
export const ED25519_THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'

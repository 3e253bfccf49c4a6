import { X509Certificate } from 'node:crypto'

/** Whether the text begins with a certificate as PEM. */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

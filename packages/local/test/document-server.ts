import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A certificate for loopback, which is that of its own authority, with its key, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export function newCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-certificate-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  try {
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1']
    execFileSync('openssl', ['req', ...kind, ...names, '-out', cert, '-keyout', key], { stdio: 'pipe' })
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export interface DocumentServer {
  /** `https://127.0.0.1:<port>` */
  readonly origin: string
  readonly requests: readonly IncomingMessage[]
}

/** An `https` server on loopback for the documents of clients. It stops when the test ends. */
export async function documentServer(certificate: Certificate, answer: RequestListener): Promise<DocumentServer> {
  const requests: IncomingMessage[] = []
  const server: Server = createServer(certificate, (request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

/** A document that is accepted. */
export function documentOf(url: string) {
  return { client_id: url, client_name: 'Editor', redirect_uris: ['http://127.0.0.1/callback'] }
}

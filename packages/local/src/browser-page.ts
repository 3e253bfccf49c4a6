import { readFile } from 'node:fs/promises'
import type { Answer } from './api/answer.js'
import { refuseReboundName } from './control/control-guard.js'
import type { Endpoint } from './api/endpoint.js'
import { errorAnswer } from './api/errors.js'

/** The path of the instance's web page. */
export const PAGE_PATH = '/'

/** The files of the page besides its document. Requested names are looked up here, never used as paths. */
const PAGE_FILES = new Set([
  'announce.js',
  'ask.js',
  'authorize.css',
  'card-parts.js',
  'client-card.js',
  'clipboard.js',
  'clock-controls.js',
  'clock.js',
  'connection.js',
  'controls.js',
  'credentials.js',
  'decoder.js',
  'directory.js',
  'element.js',
  'explanation.js',
  'fault-controls.js',
  'header.js',
  'key-controls.js',
  'keyed-list.js',
  'life-line.js',
  'machine-card.js',
  'main.js',
  'mint.js',
  'operation-call.js',
  'organization-card.js',
  'outbox.js',
  'page.css',
  'person-card.js',
  'press.js',
  'records.js',
  'repeat.js',
  'requests.js',
  'text.js',
  'time.js',
  'webhook-controls.js',
])

/** The page may only send requests to the instance. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/**
 * The instance's web page.
 *
 * @param host that the instance listens on
 */
export function browserPage(host: string): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: PAGE_PATH,
      answer: async (request) => refuseReboundName(request, host) ?? pageFile('index.html'),
    },
    {
      method: 'GET',
      path: '/_local/page/{name}',
      listing: 'unlisted',
      async answer({ params: { name = '' } }) {
        if (PAGE_FILES.has(name)) return pageFile(name)
        return errorAnswer('resource_not_found', 'The page of the local instance has no file with that name')
      },
    },
  ]
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

// Read on demand: few instances show their page, and all should start fast.
async function pageFile(name: string): Promise<Answer> {
  return {
    status: 200,
    headers: {
      'content-type': CONTENT_TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      // A site that opens the page in a window gets no reference to it.
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    },
    body: await readFile(new URL(`../page/${name}`, import.meta.url), 'utf8'),
  }
}

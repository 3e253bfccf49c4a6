import type { Answer } from '../api/answer.js'
import { escapeInvisible } from '../support/escape-invisible.js'

/** A part of a page, whose values are escaped. */
export interface Html {
  readonly html: string
}

/** Writes HTML. Values are escaped, except HTML itself, or a list of it. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const texts = values.map((value) =>
    typeof value === 'string' ? escaped(value) : [value].flat().map(htmlOf).join(''),
  )
  return { html: parts.map((part, i) => part + (texts[i] ?? '')).join('') }
}

export const NOTHING: Html = { html: '' }

function htmlOf({ html: text }: Html): string {
  return text
}

function escaped(text: string): string {
  return escapeInvisible(text).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** No `form-action`: browsers would apply it to the redirect after the form, which leads to the client. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/** A page without scripts, which no other page may frame. */
export function pageAnswer(status: number, title: string, main: Html): Answer {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="stylesheet" href="/_local/page/page.css" />
        <link rel="stylesheet" href="/_local/page/authorize.css" />
      </head>
      <body>
        <main>${main}</main>
        <footer>
          <p>Local Clerk instance, for development and tests. Independent of Clerk, not made or endorsed by it.</p>
        </footer>
      </body>
    </html> `
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      // With "no-referrer", the form would have no origin either.
      'referrer-policy': 'same-origin',
    },
    body: page.html,
  }
}

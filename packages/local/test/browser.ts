import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axeCore from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

const DEFAULT_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** `undefined` if no browser is installed. */
const chromiumPath = process.env['CLERK_AUTH_CHROMIUM'] ?? DEFAULT_PATHS.find((path) => existsSync(path))

const INSTALL_HINT =
  'the page is tested in Chromium: install it (apt-get install chromium), or set CLERK_AUTH_CHROMIUM to its path'

/** Browser tests are skipped on a developer's machine without a browser, but never in CI. */
export const skipBrowserTests = chromiumPath === undefined && !process.env['CI']

if (skipBrowserTests) console.warn(`browser tests skipped: ${INSTALL_HINT}`)

export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined || !existsSync(chromiumPath)) throw new Error(INSTALL_HINT)
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      // Needed when running as root, as in containers. Only our own pages are opened.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The violations that axe finds on a page: rule and selector. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  // Half faded in, a message has another contrast: let none begin to fade, and those that did end.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
  // Evaluated through the debugger: the content security policy of the page refuses foreign scripts.
  await page.evaluate(axeSource)
  const problems = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof axeCore }
    const { violations } = await axe.run(document)
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  })
  await page.emulateMedia({ reducedMotion: null })
  return problems
}

/** How many pixels a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

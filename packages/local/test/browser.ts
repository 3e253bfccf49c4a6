import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axeCore from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** `undefined`: there is none. */
const chromiumPath = process.env['CLERK_AUTH_CHROMIUM'] ?? USUAL_PATHS.find((path) => existsSync(path))

const WHAT_TO_DO =
  'the page is tested in Chromium: install it (apt-get install chromium), or name it by CLERK_AUTH_CHROMIUM'

/** On a machine of a contributor's own, tests in a browser are left out where there is none. */
export const isLeftOut = chromiumPath === undefined && !process.env['CI']

if (isLeftOut) console.warn(`left out: ${WHAT_TO_DO}`)

export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined || !existsSync(chromiumPath)) throw new Error(WHAT_TO_DO)
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      // For who runs as root, as containers do. Nothing foreign is opened here.
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

/** What axe finds wrong with a page as it is now: its rules, with the places. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  // By the debugger, as the page itself takes no script from elsewhere.
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof axeCore }
    const { violations } = await axe.run(document)
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  })
}

/** By how many pixels a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

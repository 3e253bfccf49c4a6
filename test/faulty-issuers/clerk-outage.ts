import type { Answer, Api } from './api.js'
import { opaque, startApiOf, startClerk, type Kind } from './clerk-api.js'
import type { Behaviour, Issuer } from './issuer.js'

const MINUTE = 60_000

/** What callers with tokens of one kind get while Clerk fails and afterwards. */
export interface Observed {
  readonly clerk: Issuer
  readonly remembered: Answer
  readonly known: Answer
  readonly madeUp: Answer
  readonly malformed: Answer
  /** Calls for the two tokens that are not cached. */
  readonly calls: number
  readonly after: { readonly known: Answer; readonly madeUp: Answer }
}

export async function outageOf(kind: Kind, behave: Behaviour, timeoutInMs: number): Promise<Observed> {
  const clerk = await startClerk()
  const api = startApiOf(clerk, { timeoutInMs })
  const names = ['known', 'known_and_new', 'made_up'].map((name) => opaque(kind, name))
  const [remembered, known, madeUp] = names as [string, string, string]
  await patiently(api, remembered)
  const before = callsOf(api, kind)

  clerk.answer(behave)
  const answers = await Promise.all([...names, `${madeUp}!`].map((token) => api.ask(token)))
  const calls = callsOf(api, kind) - before

  clerk.heal()
  return {
    clerk,
    remembered: answers[0]!,
    known: answers[1]!,
    madeUp: answers[2]!,
    malformed: answers[3]!,
    calls,
    after: { known: await patiently(api, known), madeUp: await patiently(api, madeUp) },
  }
}

/** Retries until there is a result: a short deadline may be too short for a busy machine. */
async function patiently(api: Api, token: string): Promise<Answer> {
  for (;;) {
    api.advance(MINUTE)
    const answer = await api.ask(token)
    if (answer[0] !== 503) return answer
  }
}

function callsOf({ clerk }: Api, kind: Kind): number {
  return clerk.stats().remote[kind]?.calls ?? 0
}

import type { SharedMemory, SharedSpace } from '@clerk-auth/core/shared'
import type { Mutant } from './model.js'
import type { Seam } from './replay.js'

type Sharing = ReturnType<SharedMemory['connect']>
type Claim = Parameters<Sharing['claim']>

const space = (change: (space: SharedSpace) => Partial<SharedSpace>): Seam => {
  return { space: (space) => ({ ...space, ...change(space) }) }
}
const claims = (change: (...given: Claim) => Claim): Seam => {
  return {
    memory: (memory) => ({
      connect: (instance) => {
        const sharing = memory.connect(instance)
        return { ...sharing, claim: (...given) => sharing.claim(...(change(...given) as typeof given)) }
      },
    }),
  }
}
const LAST = '~'

/** The mutants of the model that can be planted in what the real code is connected to. */
export const SEAMS: Partial<Record<Mutant, Seam>> = {
  'the key lacks the secret': claims((about, isUsable) => [
    about[0] === 'answer' ? about.toSpliced(3, 1) : about,
    isUsable,
  ]),
  'the position of a value is ignored': claims((about, isUsable) => [
    about,
    (found) => isUsable({ ...found, position: LAST }),
  ]),
  'only the process that revokes knows': space(() => ({ append: async () => {} })),
  'the age of a value is ignored': claims((about, isUsable) => [about, (found) => isUsable({ ...found, ageInMs: 0 })]),
  'the log is read only when the doorbell rings': { hasHeartbeat: false },
  'an emptied store is not noticed': space(({ read, append }) => {
    let written = 0
    return {
      append: async (entries) => void (written++ === 0 && (await append(entries))),
      read: async (after) => {
        const page = await read(after)
        return { ...page, position: page.position < after ? after : page.position }
      },
    }
  }),
  'there is no lease': space(({ claim }) => {
    return { claim: async (...given) => ({ ...(await claim(...given)), isLeased: true }) }
  }),
  'a lease never expires': space(({ claim }) => {
    return { claim: (key, { owner }) => claim(key, { owner, forMs: Number.POSITIVE_INFINITY }) }
  }),
  'an outage is a refusal': {
    outage: () => {
      const error = { code: 'resource_not_found', message: 'unknown', long_message: 'unknown' }
      return Response.json({ errors: [error] }, { status: 404 })
    },
  },
}

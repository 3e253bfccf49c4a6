import type { Directory } from '../people/directory.js'
import type { Machines } from './machines.js'

/** Whether the user, organization or machine that a token or key is for is still there. */
export type IsSubject = (id: string) => boolean

export function createIsSubject({ users, organizations }: Directory, machines: Machines): IsSubject {
  return (id) => [users, organizations, machines].some(({ byId }) => byId(id) !== undefined)
}

// Bun and Deno serve the default export of this module. A Next.js route handler or a Worker calls the same function.
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { createContext, responseMeta, router } from './trpc.ts'

export default {
  fetch: (req: Request) => fetchRequestHandler({ endpoint: '/trpc', req, router, createContext, responseMeta }),
}

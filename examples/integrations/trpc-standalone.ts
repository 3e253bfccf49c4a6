import { createHTTPServer } from '@trpc/server/adapters/standalone'
import { createContext, responseMeta, router } from './trpc.ts'

const port = Number(process.env.PORT ?? 3010)
createHTTPServer({ router, createContext, responseMeta, basePath: '/trpc/' }).listen(port, () =>
  console.log(`tRPC listens on http://localhost:${port}/trpc`),
)

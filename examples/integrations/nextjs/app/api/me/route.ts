import { guarded } from '@/guarded'

export const GET = guarded({}, (_request, auth) => Response.json({ userId: auth.userId }))
